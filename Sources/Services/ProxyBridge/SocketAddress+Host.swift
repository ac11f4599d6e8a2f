import Addresses
import NIOCore

extension SocketAddress {
    /// The IP address; IPv4-mapped IPv6 is the same host as IPv4.
    var host: IPAddress? {
        guard let text = ipAddress, let address = IPAddress(text) else { return nil }
        guard case .v6(let groups) = address, groups.prefix(6) == [0, 0, 0, 0, 0, 0xffff] else { return address }
        return .v4(UInt32(groups[6]) << 16 | UInt32(groups[7]))
    }
}
