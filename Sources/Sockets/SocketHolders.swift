import Addresses

/// Finds the listening socket that is in the way of an address, in the tables of /proc/net.
struct SocketHolders {
    /// The state column of a listening TCP socket.
    private static let listening = "0A"
    /// The flags column of a listening unix socket: __SO_ACCEPTCON.
    private static let acceptsConnections = "00010000"

    var calls: any SocketCalls

    func inode(inTheWayOf address: ListenAddress) -> UInt64? {
        switch address {
        case .tcp(.v4(let bits), let port):
            let own = candidates("/proc/net/tcp", port: port)
            let other = candidates("/proc/net/tcp6", port: port)
            // A socket of the other family is in the way when it accepts IPv4 too, which only a wildcard can.
            let wanted = hexadecimal(bits)
            let wildcard = hexadecimal(0)
            return own[wanted] ?? own[wildcard] ?? (bits == 0 ? own.values.first : nil)
                ?? other[String(repeating: "0", count: 32)]
        case .tcp(.v6(let groups), let port):
            let own = candidates("/proc/net/tcp6", port: port)
            let isWildcard = groups.allSatisfy { $0 == 0 }
            return own[hexadecimal(groups)] ?? own[String(repeating: "0", count: 32)]
                ?? (isWildcard ? own.values.first : nil)
        case .udp: return nil
        case .unix(let path):
            return unixInode(path)
        }
    }

    /// The inodes of the listening sockets with `port`, by the address column.
    private func candidates(_ table: String, port: UInt16) -> [String: UInt64] {
        var found: [String: UInt64] = [:]
        let suffix = ":" + padded(UInt32(port), to: 4)
        for line in (calls.text(ofFile: table) ?? "").split(separator: "\n").dropFirst() {
            let columns = line.split(separator: " ", omittingEmptySubsequences: true)
            guard columns.count > 9, columns[3] == Self.listening, columns[1].hasSuffix(suffix) else { continue }
            found[String(columns[1].dropLast(suffix.utf8.count))] = UInt64(columns[9])
        }
        return found
    }

    private func unixInode(_ path: String) -> UInt64? {
        for line in (calls.text(ofFile: "/proc/net/unix") ?? "").split(separator: "\n").dropFirst() {
            let columns = line.split(separator: " ", maxSplits: 7, omittingEmptySubsequences: true)
            guard columns.count == 8, columns[3] == Self.acceptsConnections, columns[7] == path else { continue }
            return UInt64(columns[6])
        }
        return nil
    }

    /// The column of an IPv4 address: its 32 bits of network order, printed as one number of this machine.
    private func hexadecimal(_ bits: UInt32) -> String {
        padded(bits.bigEndian, to: 8)
    }

    /// The column of an IPv6 address: four such numbers.
    private func hexadecimal(_ groups: [UInt16]) -> String {
        stride(from: 0, to: groups.count, by: 2)
            .map { hexadecimal(UInt32(groups[$0]) << 16 | UInt32(groups[$0 + 1])) }
            .joined()
    }

    private func padded(_ number: UInt32, to width: Int) -> String {
        let digits = String(number, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
