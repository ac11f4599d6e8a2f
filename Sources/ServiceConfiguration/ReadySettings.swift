package import Addresses

/// The fact that makes a process ready: the key `ready`.
package struct ReadySettings: Hashable, Sendable {
    /// The kinds of facts.
    package enum Fact: Hashable, Sendable {
        /// The program runs.
        case started
        /// The program says `READY=1` (sd_notify(3)).
        case notify
        /// The address accepts a connection.
        case tcp(Destination)
        /// The URL answers with a status of 200 to 399.
        case http(ProbeURL)
        /// A line of output contains this text.
        case log(String)
    }

    package var fact = Fact.started
    /// How long becoming ready may take before the process is a failure.
    package var timeout = Duration.seconds(30)

    package init() {}
}
