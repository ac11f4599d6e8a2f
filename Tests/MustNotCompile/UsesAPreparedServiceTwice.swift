// 'prepared' consumed more than once
import Supervision

struct Closed: ~Copyable, Receipt {
    fileprivate init() {}
}

struct Listener: ~Copyable, Sendable {
    consuming func close() async -> Closed { Closed() }
}

func commit(_ prepared: consuming PreparedService, _ lifetime: consuming Lifetime) async -> Exit {
    let exit = await prepared.run(lifetime)
    await prepared.discard()
    return exit
}
