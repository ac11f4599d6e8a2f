/// A process as an error message names it.
package struct ProcessIdentity: Hashable, Sendable {
    package var pid: Int32
    /// The command name of `/proc/PID/comm`.
    package var command: String

    package init(pid: Int32, command: String) {
        self.pid = pid
        self.command = command
    }
}
