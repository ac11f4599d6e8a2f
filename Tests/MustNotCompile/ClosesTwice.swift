// 'listener' consumed more than once
import Supervision

struct Closed: ~Copyable, Receipt {
    fileprivate init() {}
}

struct Listener: ~Copyable, Sendable {
    consuming func close() async -> Closed { Closed() }
}

func run(_ listener: consuming Listener, _ lifetime: consuming Lifetime) async -> Exit {
    _ = await listener.close()
    return .normal(lifetime.end(with: await listener.close()))
}
