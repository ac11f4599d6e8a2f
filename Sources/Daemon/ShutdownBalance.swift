import Logging
import Services
import Synchronization

/// The sum over the services that stop during a shutdown.
final class ShutdownBalance: Sendable {
    /// What became of the connections.
    struct Sum: Hashable, Sendable {
        var services = 0
        var connections = 0
        var forced = 0

        var finished: Int { connections - forced }
    }

    /// Nil before the shutdown: a service that a reload stops is not part of it.
    private let state = Mutex<Sum?>(nil)

    func begin() {
        state.withLock { $0 = Sum() }
    }

    func add(_ ledger: ServiceLedger) {
        state.withLock { sum in
            sum?.services += 1
            sum?.connections += ledger.connections
            sum?.forced += ledger.forced
        }
    }

    var sum: Sum? { state.withLock { $0 } }
}

extension ShutdownBalance.Sum {
    /// The last line of the log.
    func metadata(code: Int32) -> Logger.Metadata {
        [
            "services": "\(services)", "connections": "\(connections)", "finished": "\(finished)",
            "forced": "\(forced)", "code": "\(code)",
        ]
    }
}
