import Addresses
import NIOCore

/// What a client's connections must not lead to: the bridge itself, directly or through others of this process.
struct Passage {
    /// The bridges of this process through which the client's requests come.
    let cameBy: [String]
    private let bridge: String
    private let own: OwnAddresses
    private let trails: Trails
    /// Where the client was accepted.
    private let local: IPAddress?

    /// To be made when the client's first byte is there.
    init(of client: any Channel, through context: BridgeContext) {
        cameBy = context.trails.bridges(before: client)
        bridge = context.name
        own = context.own
        trails = context.trails
        local = client.localAddress?.host
    }

    /// True when a request for `target` comes back, or would, as far as can be known without a look-up.
    func isLoop(to target: Authority) -> Bool {
        cameBy.contains(bridge)
            || NamedHost(target.host).knownAddresses.contains { own.contain($0, Int(target.port), knowing: local) }
    }

    /// Sends a connection that was just made on its way; nothing has been written to it yet.
    ///
    /// - Returns: False for a connection that leads to a listener of the bridge itself.
    func admit(_ channel: any Channel) -> Bool {
        guard let remote = channel.remoteAddress, let host = remote.host, let port = remote.port else { return true }
        // To itself a host speaks from the address that it speaks to, but for 127.0.0.0/8.
        let ends = [local, channel.localAddress?.host]
        guard !ends.contains(where: { own.contain(host, port, knowing: $0) }) else { return false }
        trails.record(cameBy + [bridge], of: channel)
        return true
    }
}
