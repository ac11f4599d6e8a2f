import Logging
import NIOCore
import ServiceConfiguration
import Sockets
import Supervision

/// Makes every accepted connection a session of the bridge.
struct ProxyBridgeHandling: StreamHandling {
    let name: String
    let routes: BridgeRoutes
    let log: Logger
    private let nonce = UInt32.random(in: .min ... .max)

    init(name: String, routes: BridgeRoutes, log: Logger) {
        self.name = name
        self.routes = routes
        self.log = log
    }

    /// A request reads its route when it starts, which may be long after its connection did: nothing is kept here.
    func settings(of specification: ServiceSpecification) {}

    func begin(_ channel: any Channel, _ connection: Connection, settings: Void, tasks: TaskPool) throws {
        let context = BridgeContext(name: name, routes: routes, tasks: tasks, log: log, nonce: nonce)
        try BridgeSession(channel, connection: connection, context: context).install()
    }
}
