import NIOCore

/// A running program with all its descendants: it must be waited for; dropping it traps.
package struct ChildProcess: ~Copyable, Sendable {
    /// The program's process, its group and its session.
    package let pid: Int32
    private var keeper: RunningKeeper?

    init(pid: Int32, keeper: RunningKeeper) {
        self.pid = pid
        self.keeper = keeper
    }

    /// Sends a signal to the program's process group, and SIGCONT after it so that a stopped program hears it.
    package borrowing func signal(_ number: Int32) {
        keeper?.send(.signal(number))
    }

    /// Kills the program and every descendant, whatever session it is in.
    package borrowing func kill() {
        keeper?.send(.kill)
    }

    /// Waits until the program has exited, kills what it left behind, and returns when all of it is reaped.
    package consuming func wait() async -> Reaped {
        guard let keeper = keeper.take() else { preconditionFailure("a child process was waited for twice") }
        return await keeper.end()
    }

    deinit {
        precondition(keeper == nil, "a child process was dropped without being waited for")
    }
}
