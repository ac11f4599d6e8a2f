/// The answer to a rotation: one entry for each instance that was named.
package struct RotationDocument: Codable, Hashable, Sendable {
    /// What came of it for one service.
    package struct Entry: Codable, Hashable, Sendable {
        /// How a rotation ends.
        package enum Outcome: String, Codable, Sendable, CaseIterable {
            case moved
            /// No other member of its pool is free.
            case nothingFree = "nothing-free"
            /// The service has no pool.
            case notPooled = "not-pooled"
            /// A load is being staged.
            case busy
        }

        package var service: String
        package var outcome: Outcome
        /// The upstream in use now: `residential[2]`.
        package var upstream: String?

        package init(service: String, outcome: Outcome, upstream: String?) {
            self.service = service
            self.outcome = outcome
            self.upstream = upstream
        }
    }

    package var version = 1
    package var rotations: [Entry]

    package init(_ rotations: [Entry]) {
        self.rotations = rotations
    }

    /// The exit code of a command that asked for it: 0 when one has moved, 75 when a load was in the way, else 69.
    package var exitCode: Int32 {
        if rotations.contains(where: { $0.outcome == .moved }) { return 0 }
        return rotations.contains { $0.outcome == .busy } ? 75 : 69
    }
}
