// compiles
import Supervision

struct Closed: ~Copyable, Receipt {
    fileprivate init() {}
}

struct Listener: ~Copyable, Sendable {
    consuming func close() async -> Closed { Closed() }
}

struct Served: ~Copyable, Preparation {
    let listener: Listener

    consuming func run(_ lifetime: consuming Lifetime) async -> Exit {
        lifetime.ready()
        await lifetime.stopRequested()
        return .normal(lifetime.end(with: await listener.close()))
    }

    consuming func discard() async {
        _ = await listener.close()
    }
}

func serve(_ prepared: consuming PreparedService) async {
    await prepared.discard()
}
