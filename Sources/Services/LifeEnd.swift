import Sockets
import Supervision
import Synchronization

/// Why a stream service's life ends, with the lifetime that it has to end.
struct LifeEnd: ~Copyable {
    /// Lends the lifetime to the child task that waits for the request to stop.
    private final class Loan: Sendable {
        let lifetime: Mutex<Lifetime?>

        init(_ lifetime: consuming Lifetime) {
            self.lifetime = Mutex(lifetime)
        }

        func take() -> Lifetime {
            guard let lifetime = lifetime.withLock({ $0.take() }) else {
                preconditionFailure("a lifetime was lent twice")
            }
            return lifetime
        }

        func waitForStop() async {
            let lifetime = take()
            await lifetime.stopRequested()
            giveBack(lifetime)
        }

        private func giveBack(_ lifetime: consuming Lifetime) {
            var returned: Lifetime? = consume lifetime
            self.lifetime.withLock { $0 = returned.take() }
        }
    }

    /// Nil after a request to stop.
    let failure: (any Error)?
    private let loan: Loan

    /// Waits until the service is asked to stop or cannot accept any more.
    static func wait(_ lifetime: consuming Lifetime, failure: AcceptFailure) async -> LifeEnd {
        let loan = Loan(lifetime)
        let error = await withTaskGroup(of: (any Error)?.self) { group in
            group.addTask {
                await loan.waitForStop()
                return nil
            }
            group.addTask { await failure.wait() }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        return LifeEnd(failure: error, loan: loan)
    }

    consuming func lifetime() -> Lifetime { loan.take() }
}
