// noncopyable 'lifetime' cannot be consumed when captured by an escaping closure
import Supervision

struct Closed: ~Copyable, Receipt {
    fileprivate init() {}
}

struct Listener: ~Copyable, Sendable {
    consuming func close() async -> Closed { Closed() }
}

func run(_ listener: consuming Listener, _ lifetime: consuming Lifetime) async -> Exit {
    let receipt = await listener.close()
    Task {
        await lifetime.stopRequested()
    }
    return .normal(lifetime.end(with: receipt))
}
