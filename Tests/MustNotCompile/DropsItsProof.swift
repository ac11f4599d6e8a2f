// 'stopped' consumed more than once
import Supervision

struct Closed: ~Copyable, Receipt {
    fileprivate init() {}
}

struct Listener: ~Copyable, Sendable {
    consuming func close() async -> Closed { Closed() }
}

func drop(_ stopped: consuming Stopped) {}

func run(_ listener: consuming Listener, _ lifetime: consuming Lifetime) async -> Exit {
    let stopped = lifetime.end(with: await listener.close())
    drop(stopped)
    return .normal(stopped)
}
