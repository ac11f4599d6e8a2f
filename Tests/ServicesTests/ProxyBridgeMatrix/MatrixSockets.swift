import Glibc
import NIOCore
import NIOPosix

/// The sockets of this process as the kernel sees them.
enum MatrixSockets {
    /// How many descriptors have one of `ports` at one of their ends.
    static func count(at ports: Set<Int>) -> Int {
        (0..<limit).count { descriptor in
            ports.contains(port(of: descriptor, getsockname)) || ports.contains(port(of: descriptor, getpeername))
        }
    }

    /// Waits until as many are left as there were; what a peer closes takes a turn of its event loop.
    static func wait(for count: Int, at ports: Set<Int>) async throws -> Int {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        var found = self.count(at: ports)
        for _ in 0..<turns where found != count {
            try await loop.scheduleTask(in: .milliseconds(5)) {}.futureResult.get()
            found = self.count(at: ports)
        }
        return found
    }

    /// More descriptors than a test process opens.
    private static let limit: Int32 = 4096
    /// Five seconds, of which all but a few milliseconds are for a machine that is busy with other tests.
    private static let turns = 1000

    private static func port(
        of descriptor: Int32,
        _ call: (Int32, UnsafeMutablePointer<sockaddr>?, UnsafeMutablePointer<socklen_t>?) -> Int32
    ) -> Int {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutableBytes(of: &address) { bytes in
            call(descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
        }
        guard code == 0, address.sin_family == sa_family_t(AF_INET) else { return -1 }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
