/// The proof that a child process and all its descendants are gone and reaped; only `ChildProcess.wait()` makes one.
package struct Reaped: ~Copyable, Sendable {
    /// How the program itself ended.
    package let status: ExitStatus
    /// True when output was left unread: a pipe was still open, or its receiver not ready, a second after the exit.
    package let droppedOutput: Bool

    init(status: ExitStatus, droppedOutput: Bool) {
        self.status = status
        self.droppedOutput = droppedOutput
    }
}
