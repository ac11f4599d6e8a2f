/// Something that happened, as a line of `GET /v1/events`.
package struct EventRecord: Codable, Hashable, Sendable {
    /// What kind of thing happened.
    package enum Kind: String, Codable, Sendable, CaseIterable {
        /// A service is in another state.
        case state
        case crashed
        /// It starts again after a delay.
        case restarts
        case gaveUp = "gave-up"
        /// What did not end in time was cut.
        case forced
        case unresponsive
        /// A running service does differently.
        case condition
        case groupRestarts = "group-restarts"
        case groupGaveUp = "group-gave-up"
        /// A service has stopped, with the balance of its connections.
        case balance
        /// A load is over.
        case load
        /// A bridge uses another upstream.
        case rotated
        /// The daemon was asked to shut down.
        case shutdown
        /// The reader was too slow: `count` events are missing here.
        case lost
    }

    /// Counts from 1 in the life of the daemon; 0 for `lost`.
    package var sequence: UInt64
    package var at: String
    package var kind: Kind
    package var service: String?
    package var group: String?
    package var generation: UInt64?
    /// The state that a `state` event is about.
    package var state: String?
    /// A delay, or nil.
    package var seconds: Double?
    package var count: UInt64?
    /// One line for a person, without time and name.
    package var text: String

    package init(sequence: UInt64 = 0, at: String = "", kind: Kind, text: String) {
        self.sequence = sequence
        self.at = at
        self.kind = kind
        self.text = text
    }
}
