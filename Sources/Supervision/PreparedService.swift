import Synchronization

/// A service that holds everything it needs and serves nothing yet.
///
/// It is either run or discarded; dropping it traps.
public struct PreparedService: ~Copyable, Sendable {
    private var holder: (any PreparationHolder)?

    public init(_ preparation: consuming some Preparation & ~Copyable) {
        holder = TypedHolder(preparation)
    }

    /// Serves until the end of the service's life.
    public consuming func run(_ lifetime: consuming Lifetime) async -> Exit {
        await take().run(lifetime)
    }

    /// Releases everything without having served.
    public consuming func discard() async {
        await take().discard()
    }

    private consuming func take() -> any PreparationHolder {
        guard let holder = holder.take() else { preconditionFailure("a prepared service was used twice") }
        return holder
    }

    deinit {
        precondition(holder == nil, "a prepared service was dropped, neither run nor discarded")
    }
}

/// Erases the type of a preparation; an existential that consumes itself across an `await` does not compile in Swift
/// 6.3.
private protocol PreparationHolder: AnyObject, Sendable {
    func run(_ lifetime: consuming Lifetime) async -> Exit
    func discard() async
}

private final class TypedHolder<Content: Preparation & ~Copyable>: PreparationHolder {
    private let content: Mutex<Content?>

    init(_ content: consuming Content) {
        self.content = Mutex(content)
    }

    func run(_ lifetime: consuming Lifetime) async -> Exit {
        await take().run(lifetime)
    }

    func discard() async {
        await take().discard()
    }

    private func take() -> Content {
        guard let content = content.withLock({ $0.take() }) else {
            preconditionFailure("a preparation was used twice")
        }
        return content
    }
}
