import Addresses

extension IPAddress {
    /// What an address is good for, as far as a policy is concerned.
    enum Scope {
        /// Anywhere else on the Internet.
        case global
        /// Of somebody's own network (RFC 1918, RFC 4193, RFC 6598).
        case inside
        /// Of this host or its link, of groups, or of the metadata service of a cloud: no client has business there.
        case special
    }

    /// The narrowest scope of the address and of every IPv4 address inside it.
    var scope: Scope {
        let forms = [self] + embedded.map(IPAddress.v4)
        if forms.contains(where: { form in Self.special.contains { $0.contains(form) } }) { return .special }
        return forms.contains { form in Self.inside.contains { $0.contains(form) } } ? .inside : .global
    }

    /// The IPv4 addresses to which something may translate or tunnel what is sent to an IPv6 address.
    var embedded: [UInt32] {
        guard case .v6(let groups) = self else { return [] }
        let tail = Self.bits(groups[6], groups[7])
        switch Array(groups.prefix(6)) {
        // IPv4-compatible, mapped, and translated (RFC 4291 2.5.5, RFC 2765); `::` and `::1` are none.
        case [0, 0, 0, 0, 0, 0]: return tail <= 1 ? [] : [tail]
        case [0, 0, 0, 0, 0, 0xffff], [0, 0, 0, 0, 0xffff, 0]: return [tail]
        // NAT64 (RFC 6052).
        case [0x64, 0xff9b, 0, 0, 0, 0]: return [tail]
        case let head where head.starts(with: [0x64, 0xff9b, 1]): return [tail]
        // 6to4 (RFC 3056).
        case let head where head[0] == 0x2002: return [Self.bits(head[1], head[2])]
        // Teredo (RFC 4380): the server, and the client with its bits inverted.
        case let head where head.starts(with: [0x2001, 0]): return [Self.bits(head[2], head[3]), ~tail]
        // ISATAP (RFC 5214).
        case let head where head[4] & ~0x0200 == 0 && head[5] == 0x5efe: return [tail]
        case _: return []
        }
    }

    private static func bits(_ high: UInt16, _ low: UInt16) -> UInt32 {
        UInt32(high) << 16 | UInt32(low)
    }

    private static let special: [IPNetwork] = [
        IPNetwork(.v4(0), length: 8),  // this host
        IPNetwork(.v4(0x7f00_0000), length: 8),  // loopback
        IPNetwork(.v4(0xa9fe_0000), length: 16),  // link-local, metadata services
        IPNetwork(.v4(0x6464_64c8), length: 32),  // 100.100.100.200, a metadata service
        IPNetwork(.v4(0xa83f_8110), length: 32),  // 168.63.129.16, a metadata service
        IPNetwork(.v4(0xc000_00c0), length: 32),  // 192.0.0.192, a metadata service
        IPNetwork(.v4(0xe000_0000), length: 4),  // multicast
        IPNetwork(.v4(0xffff_ffff), length: 32),  // broadcast
        IPNetwork(.v6([0, 0, 0, 0, 0, 0, 0, 0]), length: 127),  // `::` and `::1`
        IPNetwork(.v6([0xfe80, 0, 0, 0, 0, 0, 0, 0]), length: 10),  // link-local
        IPNetwork(.v6([0xff00, 0, 0, 0, 0, 0, 0, 0]), length: 8),  // multicast
        IPNetwork(.v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254]), length: 128),  // a metadata service
    ]

    private static let inside: [IPNetwork] = [
        IPNetwork(.v4(0x0a00_0000), length: 8),
        IPNetwork(.v4(0xac10_0000), length: 12),
        IPNetwork(.v4(0xc0a8_0000), length: 16),
        IPNetwork(.v4(0x6440_0000), length: 10),
        IPNetwork(.v6([0xfc00, 0, 0, 0, 0, 0, 0, 0]), length: 7),
        IPNetwork(.v6([0xfec0, 0, 0, 0, 0, 0, 0, 0]), length: 10),
    ]
}
