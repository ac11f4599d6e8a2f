import Addresses

/// What a target's host means before anything is looked up: every way to write an address is that address.
enum NamedHost: Hashable, Sendable {
    case address(IPAddress)
    /// In small letters, without a dot at the end.
    case name(String)

    init(_ host: String) {
        let text = (host.hasSuffix(".") ? String(host.dropLast()) : host).lowercased()
        if let address = IPAddress(text) {
            self = .address(address.unmapped)
        } else if let bits = LooseIPv4Text.bits(of: text) {
            self = .address(.v4(bits))
        } else {
            self = .name(text)
        }
    }

    /// The addresses that need no look-up: of a literal, and of names that mean the same everywhere.
    var knownAddresses: [IPAddress] {
        switch self {
        case .address(let address): [address]
        case .name("localhost"): Self.loopback
        case .name(let name) where Self.metadata.contains(name): [.v4(0xa9fe_a9fe)]
        case .name(let name): name.hasSuffix(".localhost") ? Self.loopback : []
        }
    }

    /// The names that clouds give their metadata services, which only an upstream in the cloud can look up.
    private static let metadata: Set<String> = [
        "metadata", "metadata.google.internal", "metadata.goog", "instance-data",
    ]

    private static let loopback: [IPAddress] = [.v4(0x7f00_0001), .v6([0, 0, 0, 0, 0, 0, 0, 1])]
}
