/// A load that is over.
package struct LoadRecord: Codable, Hashable, Sendable {
    /// Who asked for a load.
    package enum Cause: String, Codable, Sendable, CaseIterable {
        case start
        case signal
        /// A file of the configuration has changed.
        case change
        /// A reload by the control API.
        case request
        /// A start, stop or restart of services by the control API.
        case order
        /// The generation before failed its trial.
        case reversal
    }

    /// When it was over.
    package var at: String
    package var cause: Cause
    package var verdict: VerdictDocument

    package init(at: String, cause: Cause, verdict: VerdictDocument) {
        self.at = at
        self.cause = cause
        self.verdict = verdict
    }
}
