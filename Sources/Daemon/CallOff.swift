import Synchronization

/// The request to a running load to roll back instead of committing.
final class CallOff: Sendable {
    private let flag = Atomic(false)

    func request() {
        flag.store(true, ordering: .releasing)
    }

    var isRequested: Bool {
        flag.load(ordering: .acquiring)
    }
}
