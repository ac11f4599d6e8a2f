import Addresses
import Glibc
import Sockets

/// A blocking client socket that exists before it connects.
struct RawClient {
    private let descriptor: Int32

    init() throws {
        descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemCallError(errno: errno) }
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    func connect(to port: UInt16) throws {
        // struct sockaddr_in: family, port, address, padding
        var bytes = [UInt8](repeating: 0, count: 16)
        bytes[0] = UInt8(AF_INET)
        bytes[2] = UInt8(port >> 8)
        bytes[3] = UInt8(port & 0xff)
        bytes[4] = 127
        bytes[7] = 1
        let result = bytes.withUnsafeBytes { buffer in
            buffer.withMemoryRebound(to: sockaddr.self) { Glibc.connect(descriptor, $0.baseAddress, 16) }
        }
        guard result == 0 else { throw SystemCallError(errno: errno) }
    }

    func send() {
        var byte: UInt8 = 1
        Glibc.send(descriptor, &byte, 1, Int32(MSG_NOSIGNAL))
    }

    func receive() -> Int {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, 0)
    }

    func close() { Glibc.close(descriptor) }
}
