import Addresses
import NIOCore
import ServiceConfiguration

/// Decides which destinations clients may reach; what it denies is neither looked up nor dialled.
///
/// `deny` wins over `allow`, and `allow` over what the program denies by itself. An entry with a name allows whatever
/// address the name has, and one with a port allows a tunnel to it.
struct DestinationPolicy: Hashable, Sendable {
    /// Where the connection to the destination is made, which tells whose private network a private address is of.
    enum Reach {
        /// From here: the name is looked up here, too.
        case here
        /// From a proxy, which looks the name up.
        case proxy
    }

    /// No client speaks to a mail server through a tunnel but to send mail for somebody else (RFC 9110 9.3.6).
    private static let mailPort: UInt16 = 25

    private let settings: PolicySettings

    init(_ settings: PolicySettings) {
        self.settings = settings
    }

    /// Why `target` is refused, as far as can be known without a look-up; nil: it is not.
    func denial(of target: Authority, asTunnel: Bool, from reach: Reach) -> PolicyDenial? {
        let host = NamedHost(target.host)
        if denies(host, target.port) {
            return switch host {
            case .name: .deniedName
            case .address: .deniedAddress
            }
        }
        if asTunnel, !isOpen(target.port), !allows(host, target.port, explicitPort: true) { return .port }
        if allows(host, target.port) { return nil }
        // A name with several addresses may be reached at those that are allowed.
        let denials = host.knownAddresses.map { denial(of: $0, port: target.port, from: reach) }
        return denials.contains(nil) ? nil : denials.first ?? nil
    }

    /// The addresses of `target`, which has been looked up here, to which a connection may be made.
    func admitted(_ addresses: [SocketAddress], of target: Authority) throws(PolicyDenial) -> [SocketAddress] {
        let isNameAllowed = allows(NamedHost(target.host), target.port)
        var first: PolicyDenial?
        let admitted = addresses.filter { address in
            guard let ip = address.host else { return false }
            if isNameAllowed, !denies(.address(ip), target.port) { return true }
            let denial = denial(of: ip, port: target.port, from: .here)
            first = first ?? denial
            return denial == nil
        }
        guard !admitted.isEmpty || addresses.isEmpty else { throw first ?? .deniedAddress }
        return admitted
    }

    private func denial(of address: IPAddress, port: UInt16, from reach: Reach) -> PolicyDenial? {
        if denies(.address(address), port) { return .deniedAddress }
        if allows(.address(address), port) { return nil }
        switch address.scope {
        case .special: return .specialAddress
        case .inside: return reach == .here && !settings.allowPrivate ? .privateAddress : nil
        case .global: return nil
        }
    }

    private func isOpen(_ port: UInt16) -> Bool {
        settings.ports?.contains(port) ?? (port != Self.mailPort)
    }

    // MARK: - Lists

    private func allows(_ host: NamedHost, _ port: UInt16, explicitPort: Bool = false) -> Bool {
        settings.allow.contains { rule in
            (rule.port == port || (rule.port == nil && !explicitPort)) && rule.hosts.include(host)
        }
    }

    /// What leads to a denied IPv4 address by translation is denied like it.
    private func denies(_ host: NamedHost, _ port: UInt16) -> Bool {
        guard !settings.deny.isEmpty else { return false }
        let forms: [NamedHost] =
            switch host {
            case .name: [host]
            case .address(let address): [host] + address.embedded.map { .address(.v4($0)) }
            }
        return settings.deny.contains { rule in
            (rule.port ?? port) == port && forms.contains { rule.hosts.include($0) }
        }
    }
}

extension DestinationRule.Hosts {
    fileprivate func include(_ host: NamedHost) -> Bool {
        switch (self, host) {
        case (.name(let own), .name(let name)): own == name
        case (.below(let own), .name(let name)): name.hasSuffix("." + own)
        case (.network(let network), .address(let address)):
            network.contains(address) || network.contains(address.unmapped)
        case (.name, .address), (.below, .address), (.network, .name): false
        }
    }
}
