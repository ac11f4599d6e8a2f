package import Logging
package import NIOCore
package import Sockets

/// Makes the service of a specification: the only switch over the kinds.
package struct Catalogue: Sendable {
    package init(group: any EventLoopGroup, listeners: ListenerTable, log: Logger) {}
}
