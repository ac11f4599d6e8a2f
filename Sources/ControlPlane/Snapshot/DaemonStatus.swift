/// What a snapshot says of the daemon itself.
package struct DaemonStatus: Codable, Hashable, Sendable {
    /// What the daemon is doing.
    package enum State: String, Codable, Sendable, CaseIterable {
        /// The first load is under way, or what it started is not ready yet.
        case starting
        case serving
        /// A reload acquires, or waits until what it has started is ready.
        case reloading
        /// Asked to shut down: a load is called off, or `shutdown.delay` passes.
        case ending
        /// The tree stops.
        case draining
    }

    /// The version of the program.
    package var version: String
    package var pid: Int32
    /// The configuration file, as the user named it.
    package var configuration: String
    /// The number of the committed configuration; 0 before the first.
    package var generation: UInt64 = 0
    package var state = State.starting
    /// Every essential service serves, but for those that were stopped by hand, and nobody has asked the daemon to shut
    /// down: the answer of `/readyz`.
    package var ready = false
    /// Why `ready` is false, in a few words.
    package var unreadyReason: String?
    /// When this snapshot was taken.
    package var at: String
    package var uptimeSeconds: Double = 0
    /// How many loads are over, by outcome; see `VerdictDocument.outcome`.
    package var loads: [String: UInt64] = [:]
    /// The load that is under way.
    package var load: LoadProgress?
    /// The generation is on trial.
    package var probation: Probation?

    package init(version: String, pid: Int32, configuration: String, at: String) {
        self.version = version
        self.pid = pid
        self.configuration = configuration
        self.at = at
    }
}
