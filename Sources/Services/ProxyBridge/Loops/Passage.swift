import Addresses
import NIOCore

/// What a client's connections must not lead to: the bridge itself, directly or through others of this process.
struct Passage {
    let own: OwnAddresses
    let trails: Trails
    /// The bridges through which the client's requests have come, and this one.
    let bridges: [String]
    /// Where the client was accepted.
    let local: IPAddress?

    /// True when `target` names a listener of the bridge, as far as can be known without a look-up.
    func isOwn(_ target: Authority) -> Bool {
        NamedHost(target.host).knownAddresses.contains { own.contain($0, Int(target.port), knowing: local) }
    }

    /// Sends a connection that was just made on its way; nothing has been written to it yet.
    ///
    /// - Returns: False for a connection that leads to a listener of the bridge itself.
    func admit(_ channel: any Channel) -> Bool {
        guard let remote = channel.remoteAddress, let host = remote.host, let port = remote.port else { return true }
        // To itself a host speaks from the address that it speaks to, but for 127.0.0.0/8.
        let ends = [local, channel.localAddress?.host]
        guard !ends.contains(where: { own.contain(host, port, knowing: $0) }) else { return false }
        trails.record(bridges, of: channel)
        return true
    }
}
