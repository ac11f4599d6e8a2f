import Addresses

/// A host and a port, as a target names them.
struct Authority: Hashable, Sendable {
    /// A host name or IP literal, without brackets.
    let host: String
    let port: UInt16

    init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Parses `host:port` or `[v6]:port`; the port may only be missing when there is a default.
    init?(_ bytes: some Collection<UInt8>, defaultPort: UInt16? = nil) {
        let text = String(decoding: bytes, as: UTF8.self)
        let rest: Substring
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { return nil }
            let literal = text[text.index(after: text.startIndex)..<close]
            guard case .v6? = IPAddress(literal) else { return nil }
            host = String(literal)
            rest = text[text.index(after: close)...]
        } else {
            let name = text.prefix { $0 != ":" }
            guard Authority.isName(name.utf8) else { return nil }
            host = Authority.plain(String(name))
            rest = text[name.endIndex...]
        }
        guard let port = Authority.port(rest, default: defaultPort) else { return nil }
        self.port = port
    }

    private static func port(_ text: Substring, default defaultPort: UInt16?) -> UInt16? {
        if text.isEmpty || text == ":" { return defaultPort }
        guard text.first == ":" else { return nil }
        let digits = text.dropFirst()
        guard digits.utf8.count <= 5, digits.utf8.allSatisfy(\.isDigit) else { return nil }
        guard let port = UInt16(digits), 0 < port else { return nil }
        return port
    }

    /// True for what may stand for a host, but for IPv6 addresses.
    static func isName(_ bytes: some Collection<UInt8>) -> Bool {
        guard (1...HeadLimits.hostBytes).contains(bytes.count), bytes.allSatisfy(isHostByte) else { return false }
        // One dot may end a name. An upstream may skip an empty label, and read another name than the policy did.
        let labels = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let named = labels.last?.isEmpty == true ? labels.dropLast() : labels[...]
        return !named.isEmpty && named.allSatisfy { (1...HeadLimits.labelBytes).contains($0.count) }
    }

    /// A host name as it is, and an IPv4 address in the one form that everybody reads alike.
    ///
    /// An upstream may take `0127.0.0.1` for another address than the resolver here, and so than the policy.
    static func plain(_ name: String) -> String {
        guard case .address(let address) = NamedHost(name) else { return name }
        return address.description
    }

    /// Unreserved characters only: what a resolver gets to see must not mean anything to anybody else.
    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: "-._~".utf8.contains(byte)
        }
    }
}

extension Authority: CustomStringConvertible {
    /// `example.org:80` or `[::1]:80`.
    var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// The value of a Host field for the scheme http: without the port that it implies.
    var hostField: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == 80 ? name : "\(name):\(port)"
    }
}
