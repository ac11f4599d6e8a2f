package import Logging
package import NIOCore
package import ServiceConfiguration
package import Sockets
package import Supervision
import Synchronization

/// A service that listens on stream sockets and serves each connection in channel handlers.
package final class StreamService<Handling: StreamHandling>: ConfigurableService {
    /// The settings in force; a new object for each change, so that a connection takes them by one reference.
    final class Snapshot: Sendable {
        let settings: Handling.Settings
        let maxConnections: Int
        let watchdog: Duration?
        let listen: [ListenRequest]

        init(_ specification: ServiceSpecification, handling: Handling) {
            settings = handling.settings(of: specification)
            maxConnections = specification.maxConnections
            watchdog = specification.watchdog
            listen = specification.listenRequests
        }
    }

    private struct State {
        var snapshot: Snapshot
        /// The table of the present life.
        var connections: ConnectionTable?
        /// What went through the lives before.
        var past = ConnectionTotals()
        /// The watch over the event loops in the present life.
        var stalls: StallWatch?
    }

    let name: String
    let handling: Handling
    let group: any EventLoopGroup
    let log: Logger
    let stopped: @Sendable (ServiceLedger) -> Void
    let clock: any Clock<Duration>
    private let listeners: ListenerTable
    private let state: Mutex<State>

    /// - Parameters:
    ///   - specification: The first settings.
    ///   - handling: What to do with a connection.
    ///   - group: The event loops over which connections are spread.
    ///   - listeners: Owns the listening sockets.
    ///   - clock: Measures the silence of event loops, when the specification limits it.
    ///   - log: Carries the service's name.
    ///   - stopped: Hears the balance of each life.
    package init(
        _ specification: ServiceSpecification,
        handling: Handling,
        group: any EventLoopGroup,
        listeners: ListenerTable,
        clock: any Clock<Duration> = ContinuousClock(),
        log: Logger,
        stopped: @escaping @Sendable (ServiceLedger) -> Void = { _ in }
    ) {
        name = specification.name
        self.handling = handling
        self.group = group
        self.listeners = listeners
        self.clock = clock
        self.log = log
        self.stopped = stopped
        state = Mutex(State(snapshot: Snapshot(specification, handling: handling)))
    }

    package func prepare() async throws -> PreparedService {
        let snapshot = current
        let sockets = try listeners.sockets(for: snapshot.listen)
        let connections = ConnectionTable(
            service: name,
            limit: snapshot.maxConnections,
            refusals: handling.refusals
        )
        return PreparedService(StreamPreparation(sockets: sockets, connections: connections, service: self))
    }

    package func apply(_ specification: ServiceSpecification, generation: UInt64) {
        let snapshot = Snapshot(specification, handling: handling)
        let (connections, stalls) = state.withLock { state in
            state.snapshot = snapshot
            return (state.connections, state.stalls)
        }
        connections?.setLimit(snapshot.maxConnections)
        stalls?.set(limit: snapshot.watchdog)
    }

    /// Fires a user event at every open connection.
    func tell(_ event: some Sendable) {
        state.withLock { $0.connections }?.tell(event)
    }

    package var table: ConnectionTable? { state.withLock { $0.connections } }

    package var totals: ConnectionTotals? {
        let (past, present) = state.withLock { ($0.past, $0.connections) }
        return past + (present?.totals ?? ConnectionTotals())
    }

    /// The settings for whatever starts now.
    var current: Snapshot { state.withLock { $0.snapshot } }

    /// Makes `connections` the table of the present life, and `stalls` its watch.
    func begin(_ connections: ConnectionTable, _ stalls: StallWatch) {
        let snapshot = state.withLock { state in
            if let last = state.connections { state.past = state.past + last.totals }
            state.connections = connections
            state.stalls = stalls
            return state.snapshot
        }
        connections.setLimit(snapshot.maxConnections)
        stalls.set(limit: snapshot.watchdog)
    }
}
