/// A generation on trial: it is reverted when a changed service gives up, or when nobody confirms it in time.
package struct Probation: Codable, Hashable, Sendable {
    /// The generation on trial.
    package var generation: UInt64
    /// What is left of the trial.
    package var remainingSeconds: Double
    /// True when it is reverted at the end of the trial unless `supervisor confirm` comes.
    package var needsConfirmation: Bool

    package init(generation: UInt64, remainingSeconds: Double, needsConfirmation: Bool) {
        self.generation = generation
        self.remainingSeconds = remainingSeconds
        self.needsConfirmation = needsConfirmation
    }
}
