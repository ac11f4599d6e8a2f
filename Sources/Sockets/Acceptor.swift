import NIOCore
import NIOPosix

/// One listening channel of a service.
struct Acceptor: Sendable {
    /// How long handshakes that have begun may take to complete after another socket took over: a quarter of a second
    /// covers the round trip to almost every client.
    private static let settling = TimeAmount.milliseconds(250)

    private let lease: ListenerLease
    private let table: ListenerTable
    private let door: AcceptedConnections
    /// Nil when the channel could not be made; the failure says why.
    private let channel: (any Channel)?
    private let gate: NIOLoopBound<AcceptGate>?

    static func start(
        _ lease: ListenerLease,
        of table: ListenerTable,
        door: AcceptedConnections,
        failure: AcceptFailure,
        report: @escaping @Sendable (AcceptTrouble?) -> Void
    ) async -> Acceptor {
        let bootstrap = ServerBootstrap(group: door.group)
            .serverChannelOption(.autoRead, value: false)
            .serverChannelOption(.maxMessagesPerRead, value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let gate = AcceptGate(connections: door.connections, failure: failure, report: report) {
                        table.shed(lease, saying: door.dismissal())
                    }
                    try channel.pipeline.syncOperations.addHandler(gate)
                }
            }
            .childChannelInitializer { door.setUp($0) }
        do {
            let channel = try await bootstrap.withBoundSocket(lease.descriptor).get()
            // NIO has called listen with a queue of its own length.
            table.relisten(lease)
            return try await open(channel, for: lease, of: table, door: door)
        } catch {
            failure.set(error)
            return Acceptor(lease: lease, table: table, door: door, channel: nil, gate: nil)
        }
    }

    /// Begins to accept once NIO's own handler stands between the gate and the tail.
    private static func open(
        _ channel: any Channel,
        for lease: ListenerLease,
        of table: ListenerTable,
        door: AcceptedConnections
    ) async throws -> Acceptor {
        do {
            let gate = try await channel.eventLoop.submit {
                let pipeline = channel.pipeline.syncOperations
                let gate = try pipeline.handler(type: AcceptGate.self)
                try pipeline.addHandler(AcceptedTail(gate))
                gate.open()
                return NIOLoopBound(gate, eventLoop: channel.eventLoop)
            }.get()
            return Acceptor(lease: lease, table: table, door: door, channel: channel, gate: gate)
        } catch {
            channel.close(promise: nil)
            throw error
        }
    }

    /// Stops to accept; the last one of an address that nobody owns any more accepts its queue first.
    func close() async {
        let retirement = table.retirement(of: lease)
        if case .settleThenAcceptQueue = retirement { await settle() }
        await closeChannel()
        switch retirement {
        case .none: break
        case .acceptQueue, .settleThenAcceptQueue: await acceptQueue()
        }
        table.release(lease)
    }

    private func settle() async {
        guard let channel else { return }
        do {
            try await channel.eventLoop.scheduleTask(in: Self.settling) {}.futureResult.get()
        } catch {
            // The event loop shuts down: there is nobody left to wait for.
        }
    }

    private func closeChannel() async {
        guard let channel, let gate else { return }
        do {
            try await channel.eventLoop.flatSubmit {
                let settled = gate.value.close() ?? channel.eventLoop.makeSucceededVoidFuture()
                return settled.flatMap {
                    channel.close(promise: nil)
                    return channel.closeFuture
                }
            }.get()
        } catch {
            // A close future does not fail; a channel of a loop that has shut down is closed.
        }
    }

    /// Accepts what waits, as far as there are slots; the rest is reset when the socket closes.
    ///
    /// No more than can have waited when the service stopped: clients that never rest must not keep it.
    private func acceptQueue() async {
        for _ in 0..<ListenerFactory.backlog {
            guard door.connections.hasFreeSlot else { return }
            do {
                guard let descriptor = try table.accept(lease) else { return }
                await door.takeOver(descriptor)
            } catch {
                // ECONNABORTED: the client has gone. Anything else would fail again.
                if error.errno != SystemCallError.connectionAborted.errno { return }
            }
        }
    }
}
