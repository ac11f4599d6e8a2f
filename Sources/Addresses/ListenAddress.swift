/// An address on which a service listens.
package enum ListenAddress: Hashable, Sendable {
    /// A TCP address; port 0 lets the kernel choose.
    case tcp(IPAddress, port: UInt16)
    /// A UDP address; port 0 lets the kernel choose.
    case udp(IPAddress, port: UInt16)
    /// A unix stream socket at an absolute path.
    case unix(path: String)

    /// True when both cannot be bound at once: equal, or one is the wildcard of the other's family and port.
    ///
    /// An IPv6 wildcard is bound with `IPV6_V6ONLY`, so it never overlaps an IPv4 address. Port 0 overlaps nothing:
    /// each such socket gets a port of its own. TCP and UDP have ports of their own.
    package func overlaps(_ other: ListenAddress) -> Bool {
        switch (self, other) {
        case (.unix(let path), .unix(let otherPath)): path == otherPath
        case (.tcp(let host, let port), .tcp(let otherHost, let otherPort)),
            (.udp(let host, let port), .udp(let otherHost, let otherPort)):
            port == otherPort && port != 0 && host.overlaps(otherHost)
        case (.unix, .tcp), (.unix, .udp), (.tcp, .unix), (.tcp, .udp), (.udp, .unix), (.udp, .tcp): false
        }
    }

    /// True for port 0: the kernel chooses the port, a new one each time.
    package var isChosenByKernel: Bool {
        switch self {
        case .tcp(_, let port), .udp(_, let port): port == 0
        case .unix: false
        }
    }

    /// True for UDP: there are no connections, only datagrams.
    package var isDatagram: Bool {
        switch self {
        case .udp: true
        case .tcp, .unix: false
        }
    }

    /// True for a unix socket and for loopback IP addresses: nobody outside the machine can connect.
    package var isLocal: Bool {
        switch self {
        case .tcp(let host, _), .udp(let host, _): host.isLoopback
        case .unix: true
        }
    }
}

extension ListenAddress: CustomStringConvertible {
    /// The text of services.yaml: `127.0.0.1:80`, `[::1]:80`, `udp:127.0.0.1:7`, `unix:/run/x.sock`.
    package var description: String {
        switch self {
        case .tcp(.v4(let bits), let port): "\(IPAddress.v4(bits)):\(port)"
        case .tcp(.v6(let groups), let port): "[\(IPAddress.v6(groups))]:\(port)"
        case .udp(let host, let port): "udp:\(ListenAddress.tcp(host, port: port))"
        case .unix(let path): "unix:\(path)"
        }
    }
}
