/// An address on which a service listens.
package enum ListenAddress: Hashable, Sendable {
    /// A TCP address; port 0 lets the kernel choose.
    case tcp(IPAddress, port: UInt16)
    /// A unix stream socket at an absolute path.
    case unix(path: String)

    /// True when both cannot be bound at once: equal, or one is the wildcard of the other's family and port.
    ///
    /// An IPv6 wildcard is bound with `IPV6_V6ONLY`, so it never overlaps an IPv4 address. Port 0 overlaps nothing:
    /// each such socket gets a port of its own.
    package func overlaps(_ other: ListenAddress) -> Bool {
        switch (self, other) {
        case (.unix(let path), .unix(let otherPath)): path == otherPath
        case (.unix, .tcp), (.tcp, .unix): false
        case (.tcp(.v4(let host), let port), .tcp(.v4(let otherHost), let otherPort)):
            port == otherPort && port != 0 && (host == otherHost || host == 0 || otherHost == 0)
        case (.tcp(.v6(let host), let port), .tcp(.v6(let otherHost), let otherPort)):
            port == otherPort && port != 0
                && (host == otherHost || IPAddress.v6(host).isWildcard || IPAddress.v6(otherHost).isWildcard)
        case (.tcp(.v4, _), .tcp(.v6, _)), (.tcp(.v6, _), .tcp(.v4, _)): false
        }
    }

    /// True for port 0: the kernel chooses the port, a new one each time.
    package var isChosenByKernel: Bool {
        switch self {
        case .tcp(_, let port): port == 0
        case .unix: false
        }
    }

    /// True for a unix socket and for loopback IP addresses: nobody outside the machine can connect.
    package var isLocal: Bool {
        switch self {
        case .tcp(let host, _): host.isLoopback
        case .unix: true
        }
    }
}

extension ListenAddress: CustomStringConvertible {
    /// The text of services.yaml: `127.0.0.1:80`, `[::1]:80`, `unix:/run/x.sock`.
    package var description: String {
        switch self {
        case .tcp(.v4(let bits), let port): "\(IPAddress.v4(bits)):\(port)"
        case .tcp(.v6(let groups), let port): "[\(IPAddress.v6(groups))]:\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}
