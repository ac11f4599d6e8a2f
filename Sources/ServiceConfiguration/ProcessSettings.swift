/// The keys of a `process` service.
package struct ProcessSettings: Hashable, Sendable {
    /// Where the output of the program goes.
    package enum Output: String, CaseIterable, Sendable {
        /// Line by line to the log.
        case log
        /// Nowhere.
        case null
        /// Where the supervisor's own output goes.
        case inherit
    }

    /// The first word of `command`: a path, or a name to look for in `PATH`.
    package var program: Located<String>
    /// The words after the program; any may carry a secret.
    package var arguments: [Secret]
    /// The working directory; nil: the supervisor's.
    package var directory: Located<String>?
    /// Variables of `environment_file` and `environment`, the latter winning.
    package var environment: [String: Secret] = [:]
    /// The name or number of the user that runs the program; nil: the supervisor's.
    package var user: Located<String>?
    /// The name or number of the group; nil: the user's own.
    package var group: Located<String>?
    /// The number of the signal that asks the program to stop.
    package var stopSignal: Int32 = 15
    package var stopTimeout = Duration.seconds(10)
    package var successExitCodes: Set<Int32> = [0]
    package var ready = ReadySettings()
    package var health: HealthSettings?
    package var limits = LimitSettings()
    package var output = Output.log

    package init(program: Located<String>, arguments: [Secret]) {
        self.program = program
        self.arguments = arguments
    }
}
