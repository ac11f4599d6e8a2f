/// How far the load has come that is under way.
package struct LoadProgress: Codable, Hashable, Sendable {
    /// What a load does, in this order.
    package enum Phase: String, Codable, Sendable, CaseIterable {
        /// Reads and checks the file.
        case reading
        /// Acquires sockets, secrets, members of pools, programs.
        case staging
        /// Asks upstreams.
        case probing
        /// Committed: waits until what has started is ready or has failed.
        case settling
    }

    package var phase: Phase
    /// How long the load has been under way.
    package var seconds: Double
    /// In the phase `settling`: the services that are neither ready nor have failed.
    package var waitingFor: [String] = []

    package init(phase: Phase, seconds: Double) {
        self.phase = phase
        self.seconds = seconds
    }
}
