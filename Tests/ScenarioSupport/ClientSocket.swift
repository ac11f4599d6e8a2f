import Glibc

/// A raw TCP connection with blocking calls that all have a limit.
package final class ClientSocket {
    package let descriptor: Int32
    private var isOpen = true

    /// Takes over a connected socket.
    init(descriptor: Int32, limit: Duration) throws {
        self.descriptor = descriptor
        try set(SO_RCVTIMEO, to: limit)
        try set(SO_SNDTIMEO, to: limit)
    }

    /// Connects, or throws what the kernel said.
    package convenience init(
        to port: UInt16,
        at address: String = SocketAddress.loopback,
        limit: Duration = .seconds(5),
        receiveBuffer: Int32? = nil
    ) throws {
        let descriptor = socket(AF_INET, SocketAddress.streamType, 0)
        guard descriptor >= 0 else { throw ScenarioFailure("cannot open a socket: \(SystemError.text(errno))") }
        try self.init(descriptor: descriptor, limit: limit)
        if var receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        let code = try SocketAddress.with(address, port) { connect(descriptor, $0, $1) }
        guard code == 0 else { throw ConnectFailure(code: errno, address: "\(address):\(port)") }
    }

    deinit {
        close()
    }

    package var localPort: UInt16 {
        get throws { try SocketAddress.localPort(of: descriptor) }
    }

    package func close() {
        guard isOpen else { return }
        isOpen = false
        Glibc.close(descriptor)
    }

    /// Ends the connection with a reset.
    package func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    /// Sends the end of the stream; the other direction stays open.
    package func endSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    package func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw ScenarioFailure("cannot send: \(SystemError.text(errno))") }
            rest = rest.dropFirst(count)
        }
    }

    package func send(_ text: String) throws {
        try send(Array(text.utf8))
    }

    /// Sends as much as the buffers of both sides take, without waiting for a reader.
    package func fill(upTo limit: Int) -> Int {
        let piece = [UInt8](repeating: 0x61, count: 64 * 1024)
        var total = 0
        while total < limit {
            let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
            let count = piece.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, flags) }
            guard count > 0 else { break }
            total += count
        }
        return total
    }

    /// Some bytes; none at the end of the stream.
    package func receive(atMost limit: Int = 64 * 1024) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else { throw ScenarioFailure("cannot receive: \(SystemError.text(errno))") }
        return Array(buffer[..<count])
    }

    package func receive(exactly count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let piece = try receive(atMost: count - bytes.count)
            guard !piece.isEmpty else {
                throw ScenarioFailure("cannot receive \(count) bytes: the stream ended after \(bytes.count)")
            }
            bytes += piece
        }
        return bytes
    }

    /// Receives, or throws when nothing has come within a short time: the fact that a client waits.
    @discardableResult
    package func receiveWithin(milliseconds: Int32, count: Int) throws -> [UInt8] {
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&watched, 1, milliseconds) > 0 else {
            throw ScenarioFailure("cannot receive anything within \(milliseconds) ms")
        }
        return try receive(exactly: count)
    }

    /// Waits until the peer has ended the connection, in order or not.
    package func awaitEnd(within limit: Duration = .seconds(10)) throws {
        var byte: UInt8 = 0
        try Facts.wait(for: "the peer has ended the connection", within: limit) {
            let count = recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT))
            return count == 0 || count < 0 && errno != EAGAIN && errno != EINTR
        }
    }

    package func receiveToEnd() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let piece = try receive()
            guard !piece.isEmpty else { return bytes }
            bytes += piece
        }
    }

    /// The head of an HTTP message, to the blank line and no byte further.
    package func receiveHead() throws -> String {
        let end = Array("\r\n\r\n".utf8)
        var bytes: [UInt8] = []
        while bytes.suffix(4) != end[...] && bytes.count < 64 * 1024 {
            let byte = try receive(atMost: 1)
            guard !byte.isEmpty else { break }
            bytes += byte
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Sends bytes and wants exactly the same bytes back.
    package func echo(_ text: String) throws {
        let bytes = Array(text.utf8)
        try send(bytes)
        let answer = try receive(exactly: bytes.count)
        guard answer == bytes else {
            throw ScenarioFailure("cannot echo `\(text)`: got `\(String(decoding: answer, as: UTF8.self))`")
        }
    }

    private func set(_ option: Int32, to limit: Duration) throws {
        var value = timeval()
        value.tv_sec = Int(limit.components.seconds)
        value.tv_usec = Int(limit.components.attoseconds / 1_000_000_000_000)
        guard setsockopt(descriptor, SOL_SOCKET, option, &value, socklen_t(MemoryLayout<timeval>.size)) == 0 else {
            throw ScenarioFailure("cannot limit a socket: \(SystemError.text(errno))")
        }
    }
}
