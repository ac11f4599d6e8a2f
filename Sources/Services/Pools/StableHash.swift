/// A hash that is the same in every run, unlike the standard library's: FNV-1a with 64 bits.
struct StableHash: Sendable {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    init(_ text: String) {
        combine(text)
    }

    /// Adds a text and its end, so that `ab` and `c` differ from `a` and `bc`.
    mutating func combine(_ text: String) {
        for byte in text.utf8 { add(byte) }
        add(0)
    }

    /// Both hashes with every bit of the result depending on every bit of them: the finalizer of SplitMix64.
    func mixed(with other: UInt64) -> UInt64 {
        var mixed = value ^ (other &* 0x9e37_79b9_7f4a_7c15)
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    private mutating func add(_ byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }
}
