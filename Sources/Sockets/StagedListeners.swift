/// The outcome of staging: a change to commit or roll back, or the complete list of what is in the way.
package enum StagingOutcome: ~Copyable, Sendable {
    case staged(StagedListeners)
    case failed([BindFailure])
}

/// A change of the listener table that has acquired everything and altered nothing yet.
package struct StagedListeners: ~Copyable, Sendable {
    /// Makes the wanted addresses the table's; the others close when their services have accepted their queues.
    package consuming func commit() {}

    /// Closes only what was newly bound.
    package consuming func rollBack() {}
}
