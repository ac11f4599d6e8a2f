import Synchronization

/// A child that has been prepared elsewhere, on its way to the supervisor that will run it.
///
/// A `~Copyable` value cannot travel through a stream; this carries one and hands it out once.
public final class PreparedChild: Sendable {
    /// How the supervisor is to treat it.
    public let specification: ChildSpecification
    /// Why there is nothing prepared: the child starts backing off, as after a failed preparation; nil: it is.
    public let failure: String?
    private let prepared: Mutex<PreparedService?>

    /// A child that holds what it needs.
    public init(_ specification: ChildSpecification, prepared: consuming PreparedService) {
        self.specification = specification
        failure = nil
        self.prepared = Mutex(prepared)
    }

    /// A child, not essential, whose first preparation failed: it is prepared anew after its delay, again and again.
    public init(_ specification: ChildSpecification, failed failure: String) {
        self.specification = specification
        self.failure = failure
        prepared = Mutex(nil)
    }

    /// The prepared service; nil when it was taken before.
    public func take() -> PreparedService? {
        prepared.withLock { $0.take() }
    }

    /// Rolls back: releases what the service acquired, unless it was taken.
    public func discard() async {
        guard let prepared = take() else { return }
        await prepared.discard()
    }
}
