import Glibc

/// A UDP socket on the loopback with blocking calls that all have a limit.
package final class DatagramSocket {
    package let port: UInt16
    private let descriptor: Int32

    package init(limit: Duration = .seconds(5)) throws {
        descriptor = socket(AF_INET, SocketAddress.datagramType, 0)
        guard descriptor >= 0 else { throw ScenarioFailure("cannot open a socket: \(SystemError.text(errno))") }
        let bound = try SocketAddress.with(SocketAddress.loopback, 0) { [descriptor] in bind(descriptor, $0, $1) }
        guard bound == 0 else { throw ScenarioFailure("cannot bind: \(SystemError.text(errno))") }
        port = try SocketAddress.localPort(of: descriptor)
        var value = timeval()
        value.tv_sec = Int(limit.components.seconds)
        value.tv_usec = Int(limit.components.attoseconds / 1_000_000_000_000)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &value, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        close(descriptor)
    }

    package func send(_ bytes: [UInt8], to port: UInt16) throws {
        let count = try SocketAddress.with(SocketAddress.loopback, port) { address, length in
            bytes.withUnsafeBytes { sendto(descriptor, $0.baseAddress, $0.count, 0, address, length) }
        }
        guard count == bytes.count else { throw ScenarioFailure("cannot send: \(SystemError.text(errno))") }
    }

    /// The next datagram and the port it came from.
    package func receive() throws -> (bytes: [UInt8], port: UInt16) {
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        var storage = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let count = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(descriptor, &buffer, buffer.count, 0, $0, &length)
            }
        }
        guard count >= 0 else { throw ScenarioFailure("cannot receive a datagram: \(SystemError.text(errno))") }
        return (Array(buffer[..<count]), UInt16(bigEndian: storage.sin_port))
    }

    /// Sends a datagram and wants the same bytes back from where it was sent to.
    package func echo(_ bytes: [UInt8], at port: UInt16) throws {
        try send(bytes, to: port)
        let answer = try receive()
        guard answer.bytes == bytes, answer.port == port else {
            throw ScenarioFailure("cannot echo \(bytes.count) bytes: got \(answer.bytes.count) from \(answer.port)")
        }
    }
}
