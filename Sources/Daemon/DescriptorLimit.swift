import Glibc

/// The limit on open descriptors, RLIMIT_NOFILE of getrlimit(2).
enum DescriptorLimit {
    /// What the daemon opens before it can say that something is missing, with the event loops of two processors.
    ///
    /// A library that gets no descriptor for an event loop ends the process without a word.
    private static let least = 32
    /// The descriptors of one more event loop: an epoll, an event and a timer.
    private static let perLoop = 3

    /// Why the daemon cannot even begin; nil when the limit is high enough for it.
    static func error(limit: Int, loops: Int) -> String? {
        let need = least + perLoop * loops
        guard limit < need else { return nil }
        return "cannot start with a limit of \(limit) descriptors: raise RLIMIT_NOFILE to \(need) at least"
    }

    /// Raises the soft limit to the hard limit; returns the limit that holds then.
    static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        let wanted = rlimit(rlim_cur: limit.rlim_max, rlim_max: limit.rlim_max)
        var raised = wanted
        if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = wanted }
        return Int(clamping: limit.rlim_cur)
    }
}
