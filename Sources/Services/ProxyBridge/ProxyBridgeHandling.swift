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
    let counting: BridgeCounting
    let log: Logger

    /// A request reads its route when it starts, which may be long after its connection did: nothing is kept here.
    func settings(of specification: ServiceSpecification) {}

    func begin(_ channel: any Channel, _ connection: Connection, settings: Void, tasks: TaskPool) throws {
        var context = BridgeContext(name: name, routes: routes, tasks: tasks, log: log)
        context.pools = pools
        context.counting = counting
        counting.connected()
        try BridgeSession(channel, connection: connection, context: context).install()
    }
}
