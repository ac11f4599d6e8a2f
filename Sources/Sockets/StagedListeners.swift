/// The outcome of staging: a change to commit or roll back, or the complete list of what is in the way.
package enum StagingOutcome: ~Copyable, Sendable {
    case staged(StagedListeners)
    case failed([BindFailure])
}

/// A change of the listener table that has acquired everything and altered nothing yet.
///
/// It is either committed or rolled back; dropping it traps.
package struct StagedListeners: ~Copyable, Sendable {
    private var table: ListenerTable?
    /// What could not be bound and is optional; `sockets(for:)` tries again.
    package let absent: [BindFailure]

    init(table: ListenerTable, absent: [BindFailure] = []) {
        self.absent = absent
        self.table = table
    }

    /// Makes the wanted addresses the table's; the others close when their services have accepted their queues.
    package consuming func commit() {
        table.take()?.commit()
    }

    /// Closes only what was newly bound.
    package consuming func rollBack() {
        table.take()?.rollBack()
    }

    deinit {
        precondition(table == nil, "a staged change of the listeners was dropped, neither committed nor rolled back")
    }
}
