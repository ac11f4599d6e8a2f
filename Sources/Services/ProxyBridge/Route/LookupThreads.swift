import NIOPosix

/// The threads that wait for the system's resolver, which cannot be interrupted.
///
/// A name that clients ask for may take as long as its owner likes, so it never takes a thread from a name that the
/// configuration has: those are the upstreams of everybody.
enum LookupThreads {
    /// For names that the configuration has.
    static let configured = started(8)
    /// For names that clients ask for: a page may name many that nobody answers for.
    static let asked = started(32)

    /// They live as long as the process and cost nothing while nobody looks anything up.
    private static func started(_ count: Int) -> NIOThreadPool {
        let pool = NIOThreadPool(numberOfThreads: count)
        pool.start()
        return pool
    }
}
