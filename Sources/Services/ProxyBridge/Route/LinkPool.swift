import NIOCore
import Sockets

/// The upstream connections of a bridge that rest on one event loop.
///
/// Who answers for their channels is decided elsewhere: a client's connection while a request uses one, the spare
/// channels of the bridge's table while it rests.
final class LinkPool: UpstreamLink.Receiver {
    /// How many may rest in one bridge, on all its event loops: about what one browser has open to one proxy.
    static let limit = 32
    /// How long one may rest: below the 60 s that servers commonly allow.
    static let idleLimit = Duration.seconds(30)

    private let spares: SpareChannels
    private let idle: Duration
    /// The route of now: what belongs to another one does not rest; nil when none was published yet.
    private var route: RouteKey?
    /// Those that came last are last; they are used first.
    private var links: [UpstreamKey: [UpstreamLink]] = [:]

    init(_ spares: SpareChannels, idle: Duration) {
        self.spares = spares
        self.idle = idle
    }

    /// Takes a connection on which the upstream has said nothing since its last response, and still listens.
    ///
    /// - Returns: nil when there is none; else `connection` answers for its channel.
    func take(_ key: UpstreamKey, for connection: Connection) -> UpstreamLink? {
        while let link = links[key]?.popLast() {
            if links[key]?.isEmpty == true { links[key] = nil }
            guard link.isUsable, link.channel.isQuiet, spares.give(link.channel, to: connection) else {
                link.close()
                continue
            }
            return link
        }
        return nil
    }

    /// Lets a connection of `connection` rest; when it may not, it is closed.
    func put(_ link: UpstreamLink, _ key: UpstreamKey, of connection: Connection) {
        guard route == nil || route == key.route, link.isUsable,
            spares.keep(link.channel, of: connection, limit: LinkPool.limit)
        else { return link.close() }
        links[key, default: []].append(link)
        link.rest(with: self, for: idle) { [weak self, weak link] in
            if let link { self?.discard(link) }
        }
    }

    func keepOnly(those route: RouteKey) {
        self.route = route
        let old = links.filter { $0.key.route != route }
        for key in old.keys { links[key] = nil }
        for link in old.values.joined() { link.close() }
    }

    // MARK: - Events of a link that rests

    /// Whatever an upstream says unasked, or its end, makes the connection useless.
    func upstreamChanged(_ link: UpstreamLink) {
        // NIO tells the end of a read before it tells that it was the end of the stream.
        if !link.isUsable { discard(link) }
    }

    func upstreamWritable(_ link: UpstreamLink) {}

    private func discard(_ link: UpstreamLink) {
        for (key, resting) in links where resting.contains(where: { $0 === link }) {
            let others = resting.filter { $0 !== link }
            links[key] = others.isEmpty ? nil : others
        }
        link.close()
    }
}
