import Addresses
import Logging
import NIOCore
import ServiceConfiguration
import Sockets
import Supervision

/// Makes every accepted connection a session of the bridge.
struct ProxyBridgeHandling: StreamHandling {
    let name: String
    let routes: BridgeRoutes
    let pools: UpstreamPools
    let refused: RefusedCredentials
    let counting: BridgeCounting
    let contexts: TLSContexts
    let trails: Trails
    let log: Logger
    /// Tells the bridge from others of its name.
    let nonce = UInt32.random(in: .min ... .max)

    /// A request reads its route when it starts, which may be long after its connection did: nothing is kept here.
    func settings(of specification: ServiceSpecification) {}

    /// A browser that is told to wait for a place goes on with other work; one that waits in the kernel's queue hangs.
    ///
    /// So many wait for their answer at a time; a flood beyond that waits in the queue.
    var refusals: Int { 16 }

    var dismissal: [UInt8] {
        let route = routes.current
        return FailureResponse.bytes(
            for: .exhausted,
            at: route.nextHop,
            bridge: name,
            toHead: false,
            style: route.errorStyle
        ) ?? []
    }

    func life(
        tasks: TaskPool,
        connections: ConnectionTable,
        addresses: [ListenAddress],
        group: any EventLoopGroup
    ) -> BridgeContext {
        let links = LinkPools(of: connections, on: group)
        routes.attach(links)
        return BridgeContext(
            name: name,
            routes: routes,
            tasks: tasks,
            links: links,
            log: log,
            pools: pools,
            refused: refused,
            counting: counting,
            own: OwnAddresses(addresses),
            trails: trails,
            contexts: contexts,
            nonce: nonce,
            refusalTime: .seconds(1)
        )
    }

    func begin(_ channel: any Channel, _ connection: Connection, settings: Void, life: BridgeContext) throws {
        try BridgeSession(channel, connection: connection, context: life).install()
    }
}
