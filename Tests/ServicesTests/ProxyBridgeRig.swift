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
    let sessions = SessionWatch()

    /// Runs a bridge for the time of `body`; ends with the proof that nothing is left.
    ///
    /// Origins of tests are on loopback, so that is allowed unless the settings have a policy of their own.
    static func run(
        _ settings: BridgeSettings,
        allowsLoopback: Bool = true,
        on host: IPAddress = .v4(0x7f00_0001),
        pools: UpstreamPools = UpstreamPools(),
        refused: RefusedCredentials = RefusedCredentials(),
        counting: BridgeCounting = BridgeCounting(),
        name: String = "bridge@1",
        trails: Trails = Trails(),
        limit: Int = 100,
        refusals: Int = 0,
        linkIdle: Duration = LinkPool.idleLimit,
        clock: any Clock<Duration> = ContinuousClock(),
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        _ body: (ProxyBridgeRig) async throws -> Void
    ) async throws {
        let routes = BridgeRoutes(RouteSnapshot(settings, allowsLoopback: allowsLoopback, generation: 1))
        let listeners = ListenerTable()
        let request = ListenRequest(.tcp(host, port: 0), owner: name, index: 0)
        try commit(listeners, [request])
        let connections = ConnectionTable(service: name, limit: limit, refusals: refusals)
        let log = RecordedLog()
        try await TaskPool.scope(clock: clock) { tasks in
            let sockets = try listeners.sockets(for: [request])
            let addresses = sockets.addresses
            let links = LinkPools(of: connections, on: group, idle: linkIdle)
            routes.attach(links)
            let context = BridgeContext(
                name: name,
                routes: routes,
                tasks: tasks,
                links: links,
                log: log.logger,
                pools: pools,
                refused: refused,
                counting: counting,
                own: OwnAddresses(addresses),
                trails: trails,
                contexts: TLSContexts(),
                nonce: 0,
                // The machine may be busy; that the time is short is nothing that a test waits for.
                refusalTime: .seconds(30)
            )
            let rig = ProxyBridgeRig(routes: routes, port: port(of: addresses), log: log, connections: connections)
            let acceptors = await sockets.accept(on: group, into: connections) {
                let session = BridgeSession($0, connection: $1, context: context)
                try session.install()
                rig.sessions.add(session)
            }
            let result: Result<Void, any Error>
            do { result = .success(try await body(rig)) } catch { result = .failure(error) }
            _ = await acceptors.close()
            connections.drain()
            _ = await connections.empty()
            #expect(try await rig.sessions.remaining() == 0, "a session outlived its connection")
            try result.get()
        }
        try commit(listeners, [])
    }

    static func commit(_ listeners: ListenerTable, _ wanted: [ListenRequest]) throws {
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
    init(_ settings: BridgeSettings, allowsLoopback: Bool = true, generation: UInt64) {
        var settings = settings
        if allowsLoopback, settings.policy == PolicySettings() { settings.policy.allow = .loopback }
        let upstream: UpstreamRoute =
            switch settings.upstream {
            case .direct: .direct
            case .proxy(let upstream): .proxy(upstream)
            case .pool(let pool): .proxy(pool.members[0])
            }
        self.init(settings, via: upstream, generation: generation, contexts: TLSContexts())
    }
}

extension [DestinationRule] {
    static let loopback = [DestinationRule(.network(IPNetwork(.v4(0x7f00_0000), length: 8)))]
}
