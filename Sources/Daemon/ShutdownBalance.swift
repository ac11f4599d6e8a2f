import Logging
import Services
import Synchronization

/// The sum over the services that stop during a shutdown.
final class ShutdownBalance: Sendable {
    /// What became of the connections and the programs.
    struct Sum: Hashable, Sendable {
        var services = 0
        var connections = 0
        var forced = 0
        /// Services that run a program.
        var processes = 0
        /// Programs that did not end by themselves in time.
        var killed = 0

        var isForced: Bool { forced > 0 || killed > 0 }
        var finished: Int { connections - forced }
    }

    /// Nil before the shutdown: a service that a reload stops is not part of it.
    private let state = Mutex<Sum?>(nil)

    func begin(processes: Int) {
        state.withLock { $0 = Sum(processes: processes) }
    }

    func add(killed count: Int) {
        state.withLock { $0?.killed += count }
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
    /// The last line of the log; of programs only when there were any.
    func metadata(code: Int32) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "services": "\(services)", "connections": "\(connections)", "finished": "\(finished)",
            "forced": "\(forced)", "code": "\(code)",
        ]
        if processes > 0 { metadata.merge(["processes": "\(processes)", "killed": "\(killed)"]) { $1 } }
        return metadata
    }
}
