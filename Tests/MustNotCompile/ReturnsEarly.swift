// non-void function should return a value
import Supervision

struct Closed: ~Copyable, Receipt {
    fileprivate init() {}
}

struct Listener: ~Copyable, Sendable {
    consuming func close() async -> Closed { Closed() }
}

func run(_ listener: consuming Listener, _ lifetime: consuming Lifetime, isBroken: Bool) async -> Exit {
    if isBroken {
        return
    }
    return .normal(lifetime.end(with: await listener.close()))
}
