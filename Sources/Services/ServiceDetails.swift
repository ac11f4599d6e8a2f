/// What the status shows of a running service beyond its state, as far as the service has it.
package struct ServiceDetails: Hashable, Sendable {
    /// The process of the program that runs now.
    package var pid: Int32?
    /// The upstream in use: `office`, or `residential[1]` for a member of a pool; never a URL.
    package var upstream: String?
    /// What is wrong with the upstream, and since when; without any secret.
    package var upstreamTrouble: String?
    /// What a proxy bridge has done.
    package var counters: BridgeCounters?

    package init(pid: Int32? = nil, upstream: String? = nil) {
        self.pid = pid
        self.upstream = upstream
    }
}
