import NIOCore
import Synchronization

@testable import Services

/// Knows the sessions of a bridge without keeping them alive.
final class SessionWatch: Sendable {
    private final class Reference {
        weak var session: BridgeSession?

        init(_ session: BridgeSession) {
            self.session = session
        }
    }

    private let references = Mutex<[(loop: any EventLoop, reference: NIOLoopBound<Reference>)]>([])

    func add(_ session: BridgeSession) {
        let loop = session.channel.eventLoop
        let reference = NIOLoopBound(Reference(session), eventLoop: loop)
        references.withLock { $0.append((loop, reference)) }
    }

    /// Waits until a session has a plain request that is being dialled for.
    func untilDialling() async throws {
        while true {
            for (loop, reference) in references.withLock({ $0 }) {
                let isDialling = try await loop.submit {
                    guard case .exchanging(let exchange)? = reference.value.session?.state else { return false }
                    return exchange.isOpening
                }.get()
                if isDialling { return }
            }
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    /// How many are left after what their closed channels still do in the next turns of their loops.
    func remaining() async throws -> Int {
        var count = 0
        for (loop, reference) in references.withLock({ $0 }) {
            for _ in 1...3 { try await loop.submit {}.get() }
            if try await loop.submit({ reference.value.session != nil }).get() { count += 1 }
        }
        return count
    }
}
