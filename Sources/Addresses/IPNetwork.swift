/// A block of IP addresses: all that begin with the same bits.
package struct IPNetwork: Hashable, Sendable {
    /// The first address of the block.
    package let first: IPAddress
    /// How many bits are the same in all addresses.
    package let length: Int

    /// Makes the block around `address`; the bits behind the first `length` do not count.
    package init(_ address: IPAddress, length: Int) {
        self.length = min(max(length, 0), address.bitCount)
        first = address.keeping(self.length)
    }

    /// Parses `10.0.0.0/8`, `fd00::/8`, or an address alone; bits behind the length may be set and do not count.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]) else { return nil }
        guard parts.count == 2 else {
            self.init(address, length: address.bitCount)
            return
        }
        let digits = parts[1].utf8
        guard (1...3).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
            digits.count == 1 || digits.first != 0x30,
            let length = Int(parts[1]), length <= address.bitCount
        else { return nil }
        self.init(address, length: length)
    }

    /// True when `address` is in the block; the families are kept apart.
    package func contains(_ address: IPAddress) -> Bool {
        switch (first, address) {
        case (.v4, .v4), (.v6, .v6): address.keeping(length) == first
        case (.v4, .v6), (.v6, .v4): false
        }
    }
}

extension IPNetwork: CustomStringConvertible {
    /// `10.0.0.0/8`, or the address alone when it is the only one.
    package var description: String {
        length == first.bitCount ? "\(first)" : "\(first)/\(length)"
    }
}

extension IPAddress {
    fileprivate var bitCount: Int {
        switch self {
        case .v4: 32
        case .v6: 128
        }
    }

    /// The address with all bits behind the first `length` cleared.
    fileprivate func keeping(_ length: Int) -> IPAddress {
        switch self {
        case .v4(let bits):
            return .v4(length == 0 ? 0 : bits & (UInt32.max << (32 - length)))
        case .v6(let groups):
            return .v6(
                groups.enumerated().map { index, group in
                    let kept = min(max(length - 16 * index, 0), 16)
                    return kept == 0 ? 0 : group & (UInt16.max << (16 - kept))
                }
            )
        }
    }
}
