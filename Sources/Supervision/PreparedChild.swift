import Synchronization

/// A child that has been prepared elsewhere, on its way to the supervisor that will run it.
///
/// A `~Copyable` value cannot travel through a stream; this carries one and hands it out once.
public final class PreparedChild: Sendable {
    public let specification: ChildSpecification
    private let prepared: Mutex<PreparedService?>

    public init(_ specification: ChildSpecification, prepared: consuming PreparedService) {
        self.specification = specification
        self.prepared = Mutex(prepared)
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
