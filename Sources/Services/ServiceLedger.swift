/// What became of a service's connections when it stopped.
package struct ServiceLedger: Hashable, Sendable {
    package var service: String
    /// The connections that were open when the service was asked to stop, or still waited to be accepted.
    package var connections: Int
    /// How many of them had to be cut.
    package var forced: Int

    /// How many of them ended by themselves.
    package var finished: Int { connections - forced }
}
