import Glibc
import Sockets

/// The limit of open files of the process of an exit test.
package enum DescriptorLimit {
    /// Lets no further descriptor be opened.
    package static func forbidMore() throws {
        let next = dup(0)
        close(next)
        try set(rlim_t(next))
    }

    package static func allowMore() throws { try set(1_024) }

    private static func set(_ value: rlim_t) throws {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = value
        guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            throw SystemCallError(errno: errno)
        }
    }
}
