// 'Stopped' initializer is inaccessible due to 'fileprivate' protection level
import Supervision

struct Closed: ~Copyable, Receipt {
    fileprivate init() {}
}

struct Listener: ~Copyable, Sendable {
    consuming func close() async -> Closed { Closed() }
}

func run(_ listener: consuming Listener, _ lifetime: consuming Lifetime) async -> Exit {
    .normal(Stopped())
}
