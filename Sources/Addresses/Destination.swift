/// Where a connection is made to: a host by name or address with a port, or a unix socket.
package enum Destination: Hashable, Sendable {
    /// A host name or IP literal (no brackets) and a port in 1...65535.
    case host(String, port: UInt16)
    /// A unix stream socket at an absolute path.
    case unix(path: String)
}

extension Destination: CustomStringConvertible {
    /// `example.org:80`, `[::1]:80` or `unix:/run/x.sock`.
    package var description: String {
        switch self {
        case .host(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}
