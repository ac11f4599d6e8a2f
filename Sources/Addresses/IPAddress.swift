/// An IPv4 or IPv6 address as the bytes that go over the wire.
package enum IPAddress: Hashable, Sendable {
    /// The 32 bits of an IPv4 address, most significant byte first.
    case v4(UInt32)
    /// The eight 16-bit groups of an IPv6 address (RFC 4291).
    case v6([UInt16])

    /// Parses strict dotted-quad IPv4 or RFC 4291 IPv6 text, without brackets, zones or `inet_aton` forms.
    package init?(_ text: some StringProtocol) {
        if text.contains(":") {
            guard let groups = IPv6Text.groups(of: text) else { return nil }
            self = .v6(groups)
        } else {
            guard let bits = IPv4Text.bits(of: text) else { return nil }
            self = .v4(bits)
        }
    }

    /// True for 127.0.0.0/8, `::1` and IPv4-mapped forms of the former.
    package var isLoopback: Bool {
        switch self {
        case .v4(let bits): bits >> 24 == 127
        case .v6(let groups):
            groups == [0, 0, 0, 0, 0, 0, 0, 1]
                || (groups.prefix(6) == [0, 0, 0, 0, 0, 0xffff] && groups[6] >> 8 == 127)
        }
    }

    /// True for `0.0.0.0` and `::`, which accept on every address of their family.
    package var isWildcard: Bool {
        switch self {
        case .v4(let bits): bits == 0
        case .v6(let groups): groups.allSatisfy { $0 == 0 }
        }
    }

    /// The IPv4 address of an IPv4-mapped one: they are the same host.
    package var unmapped: IPAddress {
        guard case .v6(let groups) = self, groups.prefix(6) == [0, 0, 0, 0, 0, 0xffff] else { return self }
        return .v4(UInt32(groups[6]) << 16 | UInt32(groups[7]))
    }

    /// True when a socket on the one would take what comes for the other: equal, or one the other's wildcard.
    package func overlaps(_ other: IPAddress) -> Bool {
        switch (self, other) {
        case (.v4, .v4), (.v6, .v6): self == other || isWildcard || other.isWildcard
        case (.v4, .v6), (.v6, .v4): false
        }
    }
}

extension IPAddress: CustomStringConvertible {
    /// The canonical text: dotted quad, or RFC 5952 for IPv6 (no brackets).
    package var description: String {
        switch self {
        case .v4(let bits): IPv4Text.text(of: bits)
        case .v6(let groups): IPv6Text.text(of: groups)
        }
    }
}
