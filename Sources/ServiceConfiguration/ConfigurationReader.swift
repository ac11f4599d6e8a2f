/// Reads the text of a configuration file into a validated configuration.
package struct ConfigurationReader: Sendable {
    /// The whole outcome: diagnostics are complete, and without any there is a configuration.
    package enum Outcome: Sendable {
        case accepted(Configuration)
        case rejected([Diagnostic])
    }

    private let surroundings: Surroundings

    package init(surroundings: Surroundings) {
        self.surroundings = surroundings
    }

    /// Checks `bytes` completely; `file` is the name that diagnostics carry.
    package func read(_ bytes: [UInt8], file: String) -> Outcome {
        .rejected([])
    }
}
