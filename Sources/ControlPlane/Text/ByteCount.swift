/// A number of bytes in five characters at most, by powers of a thousand: `345`, `1.2k`, `12M`.
enum ByteCount {
    static func text(_ bytes: Double) -> String {
        guard bytes.isFinite, bytes >= 0 else { return "0" }
        var value = bytes
        for unit in ["", "k", "M", "G", "T"] {
            if value < 999.5 || unit == "T" {
                let tenths = Int(min(value, 1e6) * 10)
                let isWhole = unit.isEmpty || value >= 10 || tenths % 10 == 0
                return isWhole ? "\(Int(min(value, 1e6)))\(unit)" : "\(tenths / 10).\(tenths % 10)\(unit)"
            }
            value /= 1_000
        }
        return ""
    }

    static func text(_ bytes: UInt64) -> String { text(Double(bytes)) }
}
