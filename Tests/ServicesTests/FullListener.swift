import Glibc
import NIOCore

/// A listening socket whose queue is full: the kernel lets attempts to connect wait.
final class FullListener {
    struct Unusable: Error {
        var errno: Int32
    }

    let port: Int
    private var descriptors: [Int32] = []

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let any = try SocketAddress(ipAddress: "127.0.0.1", port: 0)
        let isBound = any.withSockAddr { pointer, size in
            bind(listener, pointer, socklen_t(size)) == 0 && listen(listener, 0) == 0
        }
        guard isBound else { throw Unusable(errno: errno) }
        port = Self.port(of: listener)
        descriptors = [listener]
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: port)
        // A queue of length 0 takes one connection; the others stay in the handshake.
        for _ in 1...3 {
            let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            _ = address.withSockAddr { pointer, size in Glibc.connect(client, pointer, socklen_t(size)) }
            descriptors.append(client)
        }
    }

    /// The third and fourth byte of a socket address of IPv4, in network order.
    private static func port(of listener: Int32) -> Int {
        var bytes = [UInt8](repeating: 0, count: 16)
        var size = socklen_t(bytes.count)
        bytes.withUnsafeMutableBytes { raw in
            _ = raw.withMemoryRebound(to: sockaddr.self) { getsockname(listener, $0.baseAddress, &size) }
        }
        return Int(bytes[2]) << 8 | Int(bytes[3])
    }

    func close() {
        for descriptor in descriptors { _ = Glibc.close(descriptor) }
    }
}
