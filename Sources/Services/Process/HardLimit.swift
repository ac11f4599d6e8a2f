import Glibc
import Processes

/// The hard limits of the supervisor (getrlimit(2)), above which only a privileged process sets one.
enum HardLimit {
    /// The highest value that a program may be given; nil: any.
    static func of(_ resource: ResourceLimit.Resource) -> UInt64? {
        guard geteuid() != 0 else { return nil }
        var limit = rlimit()
        guard getrlimit(number(of: resource), &limit) == 0 else { return nil }
        return UInt64(limit.rlim_max)
    }

    private static func number(of resource: ResourceLimit.Resource) -> __rlimit_resource_t {
        switch resource {
        case .addressSpace: __rlimit_resource_t(RLIMIT_AS.rawValue)
        case .core: __rlimit_resource_t(RLIMIT_CORE.rawValue)
        case .openFiles: __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        case .processes: __rlimit_resource_t(__RLIMIT_NPROC.rawValue)
        case .cpuSeconds: __rlimit_resource_t(RLIMIT_CPU.rawValue)
        }
    }
}
