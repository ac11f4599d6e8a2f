import Glibc
import NIOCore

/// A socket of the kernel's own at 127.0.0.1, without a channel behind it.
enum LoopbackSocket {
    /// Binds a new socket to a port that the kernel chooses.
    ///
    /// - Returns: Its descriptor, which the caller closes, and the port.
    static func bound() throws -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        let isBound = try SocketAddress(ipAddress: "127.0.0.1", port: 0).withSockAddr { pointer, size in
            bind(descriptor, pointer, socklen_t(size)) == 0
        }
        guard isBound else {
            close(descriptor)
            throw IOError(errnoCode: errno, reason: "cannot hold a port")
        }
        return (descriptor, port(of: descriptor))
    }

    /// The third and fourth byte of a socket address of IPv4, in network order.
    private static func port(of descriptor: Int32) -> Int {
        var bytes = [UInt8](repeating: 0, count: 16)
        var size = socklen_t(bytes.count)
        bytes.withUnsafeMutableBytes { raw in
            _ = raw.withMemoryRebound(to: sockaddr.self) { getsockname(descriptor, $0.baseAddress, &size) }
        }
        return Int(bytes[2]) << 8 | Int(bytes[3])
    }
}
