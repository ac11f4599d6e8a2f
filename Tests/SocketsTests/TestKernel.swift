import Addresses
import Glibc
import Sockets
import Testing

/// Facts that tests ask the kernel for.
enum TestKernel {
    static let calls = LinuxSocketCalls()
    static let loopback = IPAddress.v4(0x7f00_0001)
    static let any = IPAddress.v4(0)

    /// The inodes of all sockets that the process has open.
    static func openSockets() -> Set<UInt64> {
        var found: Set<UInt64> = []
        for descriptor in Int32(0)..<4_096 {
            if let inode = try? calls.inode(of: descriptor) { found.insert(inode) }
        }
        return found
    }

    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Makes accept(2) fail on a listening socket of this process, as a kernel in trouble would.
    static func shutDownListener(at address: ListenAddress) throws {
        let isBound = { (try? calls.localAddress(of: $0, boundTo: address)) == address }
        for descriptor in Int32(0)..<4_096 where isBound(descriptor) {
            var accepts: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &length)
            if accepts != 0 {
                shutdown(descriptor, Int32(SHUT_RD))
                return
            }
        }
        throw SystemCallError(errno: ENOENT)
    }
}
