/// A program to run, with everything resolved: no name is looked up and no file is read any more.
///
/// Arguments and environment may carry secrets, so the value is described by its program alone.
package struct SpawnRequest: Sendable {
    /// Where standard output and standard error go; standard input is always `/dev/null`.
    package enum Output: Sendable {
        case lines(any LineReceiver)
        case null
        case inherit
    }

    /// The absolute path of the program.
    package var program: String
    /// The arguments, the first of which is the program's name for itself.
    package var arguments: [String]
    /// `NAME=value`, complete: nothing is inherited.
    package var environment: [String]
    package var directory: String?
    /// The user, group and supplementary groups of the program; nil: the supervisor's.
    package var identity: ProcessUser?
    package var limits: [ResourceLimit] = []
    package var output = Output.null
    /// Listening sockets passed by the LISTEN_FDS protocol (sd_listen_fds(3)), with their names; still the caller's.
    package var sockets: [(descriptor: Int32, name: String)] = []
    /// True when the program gets a NOTIFY_SOCKET (sd_notify(3)).
    package var notifies = false
    /// The longest silence in microseconds that the program is told in WATCHDOG_USEC; needs `notifies`.
    package var watchdog: Duration?

    package init(program: String, arguments: [String], environment: [String]) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
    }
}

extension SpawnRequest: CustomStringConvertible, CustomReflectable {
    package var description: String { "spawn of \(program)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
