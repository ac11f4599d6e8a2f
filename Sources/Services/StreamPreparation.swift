import Addresses
import Glibc
import Logging
import NIOCore
import Sockets
import Supervision

/// A stream service that holds its listening sockets.
struct StreamPreparation<Handling: StreamHandling>: ~Copyable, Preparation {
    private let sockets: ListeningSockets
    private let connections: ConnectionTable
    private let service: StreamService<Handling>

    init(sockets: consuming ListeningSockets, connections: ConnectionTable, service: StreamService<Handling>) {
        self.sockets = sockets
        self.connections = connections
        self.service = service
    }

    consuming func run(_ lifetime: consuming Lifetime) async -> Exit {
        let service = service
        let connections = connections
        let tasks = lifetime.tasks
        let addresses = sockets.addresses
        let conditions = LifeConditions(lifetime.view)
        let stalls = StallWatch(group: service.group, clock: service.clock, tasks: tasks, conditions: conditions)
        service.begin(connections, stalls)
        let life = service.handling.life(
            tasks: tasks,
            connections: connections,
            addresses: addresses,
            group: service.group
        )
        var acceptors = await sockets.accept(
            on: service.group,
            into: connections,
            dismissal: { service.handling.dismissal },
            report: { Self.report($0, to: service.log, conditions) },
            datagrams: { socket in
                let datagrams = DatagramService(socket: socket, sessions: connections, tasks: tasks)
                return try service.handling.receiver(datagrams) { service.current.settings }
            },
            initialize: { channel, connection in
                let settings = service.current.settings
                try service.handling.begin(channel, connection, settings: settings, life: life)
            }
        )
        if acceptors.failure.error == nil {
            let text = addresses.map(\.description).joined(separator: " ")
            service.log.info("listening", metadata: ["address": "\(text)"])
            lifetime.ready()
        }
        let end = await LifeEnd.wait(lifetime, failure: acceptors.failure)
        await acceptors.stop()
        return await Self.finish(end, acceptors, connections, service)
    }

    consuming func discard() async {
        _ = sockets.close()
    }

    /// The order of every stop: stop accepting, which is done, close the connections, await every result.
    private static func finish(
        _ end: consuming LifeEnd,
        _ acceptors: consuming Acceptors,
        _ connections: ConnectionTable,
        _ service: StreamService<Handling>
    ) async -> Exit {
        let open = connections.count
        let failure = end.failure
        if failure == nil {
            connections.drain()
        } else {
            // Nobody has asked to stop, so nobody would cut what does not end by itself.
            connections.force()
        }
        let forced = await connections.empty()
        // The answers of datagrams leave from the listening socket until the last session is over.
        let closed = await acceptors.close()
        let lifetime = end.lifetime()
        if !forced.isEmpty { lifetime.report(forced: forced.map { "connection \($0)" }) }
        service.stopped(ServiceLedger(service: service.name, connections: open, forced: forced.count))
        let stopped = lifetime.end(with: closed)
        if let failure { return .crashed(stopped, failure) }
        return .normal(stopped)
    }

    private static func report(_ trouble: AcceptTrouble?, to log: Logger, _ conditions: LifeConditions) {
        guard let trouble else { return conditions.report(.fine, by: .acceptors) }
        let reason = "cannot accept connections: \(String(cString: strerror(trouble.errno)))"
        conditions.report(.unhealthy(reason), by: .acceptors)
        log.error(
            "\(reason); raise the limit of open files or lower max_connections",
            metadata: ["errno": "\(trouble.errno)", "occurrences": "\(trouble.occurrences)"]
        )
    }
}
