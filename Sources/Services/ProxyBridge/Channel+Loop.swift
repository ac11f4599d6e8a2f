import Addresses
import NIOCore

extension Channel {
    /// True when this connection, dialled for `client`, leads back to the listener that accepted the client.
    ///
    /// A listener on a wildcard accepts on every local address: there the port decides, if the address is local.
    func leadsBack(to client: any Channel) -> Bool {
        guard let remote = remoteAddress, let own = client.localAddress else { return false }
        guard let port = remote.port, port == own.port, let host = remote.host, let ownHost = own.host else {
            return false
        }
        if host == ownHost { return true }
        guard client.parent?.localAddress?.host?.isWildcard == true else { return false }
        // To itself a host speaks from the address that it speaks to, but for 127.0.0.0/8.
        return host.isLoopback || host == localAddress?.host
    }
}
