import Addresses
import NIOCore

extension Channel {
    /// True when this connection, dialled for `client`, leads back to the listener that accepted the client.
    func leadsBack(to client: any Channel) -> Bool {
        guard let remote = remoteAddress, let port = remote.port, let host = remote.host else { return false }
        // To itself a host speaks from the address that it speaks to, but for 127.0.0.0/8.
        return client.isAccepted(at: host, port: port)
            || (host == localAddress?.host && client.isAccepted(atPort: port))
    }

    /// True when `target` names the listener that accepted this client, as far as can be known without a look-up.
    func isAccepted(at target: Authority) -> Bool {
        NamedHost(target.host).knownAddresses.contains { isAccepted(at: $0, port: Int(target.port)) }
    }

    private func isAccepted(at host: IPAddress, port: Int) -> Bool {
        guard let own = localAddress, port == own.port, let ownHost = own.host else { return false }
        if host == ownHost { return true }
        // To connect to a wildcard is to connect to loopback.
        if host.isWildcard { return ownHost.isLoopback || isAccepted(atPort: port) }
        return host.isLoopback && isAccepted(atPort: port)
    }

    /// A listener on a wildcard accepts on every local address.
    private func isAccepted(atPort port: Int) -> Bool {
        parent?.localAddress?.port == port && parent?.localAddress?.host?.isWildcard == true
    }
}
