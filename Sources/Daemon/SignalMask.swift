import Glibc

/// The signals that the daemon reads as events instead of being interrupted by them.
package enum SignalMask {
    static let handled = [SIGHUP, SIGTERM, SIGINT, SIGUSR1, SIGUSR2, SIGCHLD]

    /// Blocks the handled signals in this thread and all that it starts, and ignores SIGPIPE.
    ///
    /// Must run on the main thread before there is any other: a thread that leaves one signal unblocked would receive
    /// it
    /// with its default action, which ends the process.
    package static func block() {
        var set = handledSet()
        precondition(pthread_sigmask(SIG_BLOCK, &set, nil) == 0, "pthread_sigmask refused a valid set")
        signal(SIGPIPE, SIG_IGN)
    }

    static func handledSet() -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in handled { sigaddset(&set, number) }
        return set
    }
}
