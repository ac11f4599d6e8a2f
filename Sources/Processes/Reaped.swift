/// The proof that a child process and all its descendants are gone and reaped; only `ChildProcess.wait()` makes one.
package struct Reaped: ~Copyable, Sendable {
    /// How the program itself ended.
    package let status: ExitStatus

    init(status: ExitStatus) {
        self.status = status
    }
}
