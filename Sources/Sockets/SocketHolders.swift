import Addresses

/// Finds the listening socket that is in the way of an address, in the tables of /proc/net.
struct SocketHolders {
    /// The state column of a listening TCP socket; a bound UDP socket is in the way in any state.
    private static let listening = "0A"
    /// The flags column of a listening unix socket: __SO_ACCEPTCON.
    private static let acceptsConnections = "00010000"

    var calls: any SocketCalls

    func inode(inTheWayOf address: ListenAddress) -> UInt64? {
        switch address {
        case .tcp(let host, let port): ipInode("tcp", host, port, state: Self.listening)
        case .udp(let host, let port): ipInode("udp", host, port, state: nil)
        case .unix(let path): unixInode(path)
        }
    }

    private func ipInode(_ table: String, _ host: IPAddress, _ port: UInt16, state: String?) -> UInt64? {
        switch host {
        case .v4(let bits):
            let own = candidates("/proc/net/\(table)", port: port, state: state)
            let other = candidates("/proc/net/\(table)6", port: port, state: state)
            // A socket of the other family is in the way when it accepts IPv4 too, which only a wildcard can.
            let wanted = hexadecimal(bits)
            let wildcard = hexadecimal(0)
            return own[wanted] ?? own[wildcard] ?? (bits == 0 ? own.values.first : nil)
                ?? other[String(repeating: "0", count: 32)]
        case .v6(let groups):
            let own = candidates("/proc/net/\(table)6", port: port, state: state)
            let isWildcard = groups.allSatisfy { $0 == 0 }
            return own[hexadecimal(groups)] ?? own[String(repeating: "0", count: 32)]
                ?? (isWildcard ? own.values.first : nil)
        }
    }

    /// The inodes of the sockets with `port` in `state`, by the address column.
    private func candidates(_ table: String, port: UInt16, state: String?) -> [String: UInt64] {
        var found: [String: UInt64] = [:]
        let suffix = ":" + padded(UInt32(port), to: 4)
        for line in (calls.text(ofFile: table) ?? "").split(separator: "\n").dropFirst() {
            let columns = line.split(separator: " ", omittingEmptySubsequences: true)
            guard columns.count > 9, columns[1].hasSuffix(suffix) else { continue }
            if let state, columns[3] != state { continue }
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
