import Addresses
import Logging
import NIOCore
import NIOPosix
import ServiceConfiguration
import Sockets
import Supervision
import Synchronization

@testable import Services

/// A bridge on a port of the kernel's choice, with its log.
struct ProxyBridgeRig: Sendable {
    let routes: BridgeRoutes
    let port: Int
    let log: RecordedLog
    let connections: ConnectionTable

    /// Runs a bridge for the time of `body`; ends with the proof that nothing is left.
    static func run(
        _ settings: BridgeSettings,
        now: @escaping @Sendable () -> NIODeadline = { .now() },
        _ body: (ProxyBridgeRig) async throws -> Void
    ) async throws {
        let routes = BridgeRoutes(RouteSnapshot(settings, generation: 1), now: now)
        let listeners = ListenerTable()
        let request = ListenRequest(.tcp(.v4(0x7f00_0001), port: 0), owner: "bridge@1", index: 0)
        try commit(listeners, [request])
        let sockets = try listeners.sockets(for: [request])
        guard case .tcp(_, let port)? = sockets.addresses.first else { throw Unbound() }
        let connections = ConnectionTable(service: "bridge@1", limit: 100)
        let log = RecordedLog()
        try await TaskPool.scope { tasks in
            let handling = ProxyBridgeHandling(name: "bridge@1", routes: routes, log: log.logger)
            let acceptors = await sockets.accept(on: .singletonMultiThreadedEventLoopGroup, into: connections) {
                try handling.begin($0, $1, settings: (), tasks: tasks)
            }
            let rig = ProxyBridgeRig(routes: routes, port: Int(port), log: log, connections: connections)
            let result: Result<Void, any Error>
            do { result = .success(try await body(rig)) } catch { result = .failure(error) }
            _ = await acceptors.close()
            connections.drain()
            _ = await connections.empty()
            try result.get()
        }
        try commit(listeners, [])
    }

    private static func commit(_ listeners: ListenerTable, _ wanted: [ListenRequest]) throws {
        switch listeners.stage(wanted) {
        case .staged(let staged): staged.commit()
        case .failed: throw Unbound()
        }
    }

    struct Unbound: Error {}

    /// Connects a client for the time of `body`.
    func client<Result: Sendable>(_ body: (ProxyBridgePeer) async throws -> Result) async throws -> Result {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true)
                    )
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await body(ProxyBridgePeer(inbound, outbound, channel.channel))
        }
    }

    /// Sends `request` on a connection of its own and reads all there is to read.
    func exchange(_ request: String) async throws -> String {
        try await client { peer in
            try await peer.send(request)
            return try await peer.readToEnd()
        }
    }
}

/// A server on a port of the kernel's choice that does what a script says, connection after connection.
struct ScriptedServer: Sendable {
    let port: Int
    /// How many connections there have been.
    private let accepted: Mutex<Int>.Box

    var connections: Int { accepted.value }

    static func run(
        _ script: @escaping @Sendable (ProxyBridgePeer, Int) async throws -> Void,
        _ body: (ScriptedServer) async throws -> Void
    ) async throws {
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true)
                    )
                }
            }
        let server = ScriptedServer(port: listener.channel.localAddress?.port ?? 0, accepted: .init())
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask {
                try await listener.executeThenClose { clients in
                    await withDiscardingTaskGroup { connections in
                        do {
                            for try await client in clients {
                                let number = server.accepted.next()
                                connections.addTask { await serve(client, number, script) }
                            }
                        } catch { /* the test is over */  }
                    }
                }
            }
            let result: Result<Void, any Error>
            do { result = .success(try await body(server)) } catch { result = .failure(error) }
            group.cancelAll()
            try result.get()
        }
    }

    private static func serve(
        _ client: NIOAsyncChannel<ByteBuffer, ByteBuffer>, _ number: Int,
        _ script: @Sendable (ProxyBridgePeer, Int) async throws -> Void
    ) async {
        do {
            try await client.executeThenClose { inbound, outbound in
                try await script(ProxyBridgePeer(inbound, outbound, client.channel), number)
            }
        } catch { /* what a script meets is seen by the client of the bridge */  }
    }
}

extension Mutex<Int> {
    /// A counter that several tasks share.
    final class Box: Sendable {
        private let count = Mutex(0)

        var value: Int { count.withLock { $0 } }

        func next() -> Int {
            count.withLock { count in
                count += 1
                return count
            }
        }
    }
}

/// Every line that a bridge has logged.
final class RecordedLog: Sendable {
    private let state = Mutex<[String]>([])

    var lines: [String] { state.withLock { $0 } }

    var logger: Logger {
        var logger = Logger(label: "test") { _ in Handler(log: self) }
        logger.logLevel = .trace
        return logger
    }

    private struct Handler: LogHandler {
        let log: RecordedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let fields = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ")
            log.state.withLock { $0.append("\(event.level) \(event.message) \(fields)") }
        }
    }
}
