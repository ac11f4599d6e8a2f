/// What a snapshot says of a pool of upstreams.
package struct PoolStatus: Codable, Hashable, Sendable {
    package var name: String
    /// `exclusive`, `shared` or `round-robin`.
    package var allocation: String
    package var members: [Member] = []

    /// One upstream of the pool.
    package struct Member: Codable, Hashable, Sendable {
        /// What is known of a member.
        package enum State: String, Codable, Sendable, CaseIterable {
            /// Nothing speaks against it.
            case fine
            /// It was given up and rests.
            case cooling
            /// It failed of late, so it comes last.
            case failed
        }

        /// `residential[1]`.
        package var name: String
        /// Scheme, host and port: `socks5h://b.example:1080`; never a credential.
        package var address: String
        package var state = State.fine
        /// What it did last when it failed: an error type of RFC 9209.
        package var trouble: String?
        /// How long ago that was.
        package var troubleSeconds: Double?
        /// The services that hold it.
        package var holders: [String] = []

        package init(name: String, address: String) {
            self.name = name
            self.address = address
        }
    }

    package init(name: String, allocation: String) {
        self.name = name
        self.allocation = allocation
    }
}
