import Addresses

/// Where a bridge listens, which is where none of its connections may lead.
struct OwnAddresses: Sendable {
    private let listeners: [(host: IPAddress, port: UInt16)]

    init(_ addresses: [ListenAddress]) {
        listeners = addresses.compactMap { address in
            guard case .tcp(let host, let port) = address else { return nil }
            return (host.unmapped, port)
        }
    }

    /// Tells whether a connection to `host` and `port` would be one to the bridge, as far as can be known beforehand.
    ///
    /// - Parameters:
    ///   - host: An address of the destination.
    ///   - port: Its port.
    ///   - local: An address that is known to be one of this host.
    /// - Returns: True when it would.
    func contain(_ host: IPAddress, _ port: Int, knowing local: IPAddress?) -> Bool {
        listeners.contains { own in
            guard Int(own.port) == port, own.host.overlaps(host) else { return false }
            // To connect to a wildcard is to connect to loopback; a listener on one accepts on every local address.
            return host == own.host || (host.isWildcard && own.host.isLoopback) || host.isLoopback || host == local
        }
    }
}
