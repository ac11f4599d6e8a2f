import NIOCore
import Sockets

/// The upstream connections of one life of a bridge that rest between two requests: never those of another bridge.
final class LinkPools: Sendable {
    private let pools: [ObjectIdentifier: (loop: any EventLoop, pool: NIOLoopBoundBox<LinkPool?>)]

    /// - Parameters:
    ///   - connections: Answers for what rests: it is not empty before that has closed.
    ///   - group: The event loops of the bridge; each has a pool of its own, so that none waits for another.
    ///   - idle: How long a connection may rest.
    init(
        of connections: ConnectionTable,
        on group: any EventLoopGroup,
        idle: Duration = LinkPool.idleLimit
    ) {
        var pools: [ObjectIdentifier: (loop: any EventLoop, pool: NIOLoopBoundBox<LinkPool?>)] = [:]
        for loop in group.makeIterator() {
            let box = NIOLoopBoundBox<LinkPool?>.makeEmptyBox(valueType: LinkPool.self, eventLoop: loop)
            let spares = connections.spareChannels(on: loop)
            loop.execute { box.value = LinkPool(spares, idle: idle) }
            pools[ObjectIdentifier(loop)] = (loop, box)
        }
        self.pools = pools
    }

    /// The pool of an event loop; to be called on it.
    func pool(on loop: any EventLoop) -> LinkPool? {
        pools[ObjectIdentifier(loop)]?.pool.value
    }

    /// Closes what rests of other routes, and what would still come back to rest.
    func keepOnly(those route: RouteKey) {
        for (loop, box) in pools.values {
            loop.execute { box.value?.keepOnly(those: route) }
        }
    }
}
