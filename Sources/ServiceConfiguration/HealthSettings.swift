package import Addresses

/// The check that a ready process undergoes again and again: the key `health`.
package struct HealthSettings: Hashable, Sendable {
    /// What is checked.
    package enum Check: Hashable, Sendable {
        /// The address accepts a connection.
        case tcp(Destination)
        /// The URL answers with a status of 200 to 399.
        case http(ProbeURL)
        /// The program exits with 0.
        case command(program: String, arguments: [Secret])
    }

    /// What becomes of an unhealthy process.
    package enum Consequence: String, CaseIterable, Sendable {
        case restart
        /// It goes on and is shown as unhealthy.
        case mark
        /// It goes on; only the log says so.
        case ignore
    }

    package var check: Check
    package var interval = Duration.seconds(10)
    /// How long one check may take.
    package var timeout = Duration.seconds(1)
    /// Good checks in a row that mean healthy.
    package var successes = 1
    /// Bad checks in a row that mean unhealthy.
    package var failures = 3
    package var onUnhealthy = Consequence.restart

    package init(check: Check) {
        self.check = check
    }
}
