import Addresses
import Logging
import NIOCore
import NIOPosix
import ServiceConfiguration
import Sockets
import Supervision
import Testing

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
        on host: IPAddress = .v4(0x7f00_0001),
        _ body: (ProxyBridgeRig) async throws -> Void
    ) async throws {
        let routes = BridgeRoutes(RouteSnapshot(settings, generation: 1), now: now)
        let listeners = ListenerTable()
        let request = ListenRequest(.tcp(host, port: 0), owner: "bridge@1", index: 0)
        try commit(listeners, [request])
        let connections = ConnectionTable(service: "bridge@1", limit: 100)
        let log = RecordedLog()
        try await TaskPool.scope { tasks in
            let sockets = try listeners.sockets(for: [request])
            let addresses = sockets.addresses
            let sessions = SessionWatch()
            let context = BridgeContext(name: "bridge@1", routes: routes, tasks: tasks, log: log.logger)
            let acceptors = await sockets.accept(on: .singletonMultiThreadedEventLoopGroup, into: connections) {
                let session = BridgeSession($0, connection: $1, context: context)
                try session.install()
                sessions.add(session)
            }
            let rig = ProxyBridgeRig(routes: routes, port: port(of: addresses), log: log, connections: connections)
            let result: Result<Void, any Error>
            do { result = .success(try await body(rig)) } catch { result = .failure(error) }
            _ = await acceptors.close()
            connections.drain()
            _ = await connections.empty()
            #expect(try await sessions.remaining() == 0, "a session outlived its connection")
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

    private static func port(of addresses: [ListenAddress]) -> Int {
        guard case .tcp(_, let port)? = addresses.first else { return 0 }
        return Int(port)
    }

    struct Unbound: Error {}

    /// Connects a client for the time of `body`.
    func client<Result: Sendable>(_ body: (ProxyBridgePeer) async throws -> Result) async throws -> Result {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: true)
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

extension RouteSnapshot {
    /// The route of settings that leave nothing to choose.
    init(_ settings: BridgeSettings, generation: UInt64) {
        let upstream: UpstreamRoute =
            switch settings.upstream {
            case .direct: .direct
            case .proxy(let upstream): .proxy(upstream)
            case .pool(let pool): .proxy(pool.members[0])
            }
        self.init(settings, via: upstream, generation: generation, contexts: TLSContexts())
    }
}
