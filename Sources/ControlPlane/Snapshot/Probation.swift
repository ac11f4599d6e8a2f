/// A generation on trial: it is reverted when a changed service gives up, or when nobody confirms it in time.
package struct Probation: Codable, Hashable, Sendable {
    /// The generation on trial.
    package var generation: UInt64
    /// What is left of the trial, or the time until going back is tried again.
    package var remainingSeconds: Double
    /// True when it is reverted at the end of the trial unless `supervisor confirm` comes.
    package var needsConfirmation: Bool
    /// Why it has failed although it still runs, because going back was rejected; nil while it has not failed.
    package var failure: String?

    package init(generation: UInt64, remainingSeconds: Double, needsConfirmation: Bool) {
        self.generation = generation
        self.remainingSeconds = remainingSeconds
        self.needsConfirmation = needsConfirmation
    }
}
