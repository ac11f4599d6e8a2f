/// A listening TCP socket as the kernel lists it.
package struct ListeningSocket: Hashable, Sendable, CustomStringConvertible {
    package let address: String
    package let port: UInt16
    package let inode: UInt64

    package var description: String { "\(address):\(port) inode \(inode)" }

    /// A line of `/proc/net/tcp` or `/proc/net/tcp6`; nothing unless the socket listens.
    init?(tableLine: some StringProtocol) {
        let fields = tableLine.split(separator: " ")
        guard fields.count > 9, fields[3] == "0A", let inode = UInt64(fields[9]) else { return nil }
        let local = fields[1].split(separator: ":")
        guard local.count == 2, let port = UInt16(local[1], radix: 16) else { return nil }
        self.inode = inode
        self.port = port
        address = Self.text(hexadecimal: local[0])
    }

    /// IPv4 in dotted form, the bytes of the table being little-endian; IPv6 stays as the table has it.
    private static func text(hexadecimal: some StringProtocol) -> String {
        guard hexadecimal.count == 8, let value = UInt32(hexadecimal, radix: 16) else { return String(hexadecimal) }
        return (0..<4).map { String((value >> ($0 * 8)) & 0xff) }.joined(separator: ".")
    }
}
