import Addresses
import CLinux

extension clinux_address {
    init(_ host: IPAddress, port: UInt16) {
        self.init()
        self.port = port
        switch host {
        case .v4(let bits):
            self.bits = bits
        case .v6(let groups):
            is_ipv6 = 1
            withUnsafeMutableBytes(of: &self.groups) { $0.copyBytes(from: groups.withUnsafeBytes { Array($0) }) }
        }
    }

    /// The same host as the rest of the program writes it.
    var host: IPAddress {
        guard is_ipv6 != 0 else { return .v4(bits) }
        return .v6(withUnsafeBytes(of: groups) { Array($0.bindMemory(to: UInt16.self)) })
    }
}
