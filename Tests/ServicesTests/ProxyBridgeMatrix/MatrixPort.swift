import Glibc
import NIOCore

/// A port of 127.0.0.1 that is held by a socket without a task behind it.
final class MatrixPort: Sendable {
    let number: Int
    private let descriptor: Int32

    /// Makes a port at which connects are refused, or one that takes them and counts them.
    init(listens: Bool) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutableBytes(of: &address) { [descriptor] bytes in
            let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
            return bind(descriptor, pointer, length) + getsockname(descriptor, pointer, &length)
        }
        guard code == 0, !listens || listen(descriptor, 1024) == 0 else {
            close(descriptor)
            throw IOError(errnoCode: errno, reason: "cannot hold a port")
        }
        number = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit {
        close(descriptor)
    }

    /// Takes the connections that have come, and says how many there were.
    func takeConnections() -> Int {
        var count = 0
        while case let accepted = accept(descriptor, nil, nil), accepted >= 0 {
            close(accepted)
            count += 1
        }
        return count
    }
}
