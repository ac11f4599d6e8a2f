import Addresses
import NIOCore

extension SocketAddress {
    /// The IP address; an IPv4-mapped one is IPv4, for it is the same host.
    var host: IPAddress? { ipAddress.flatMap { IPAddress($0)?.unmapped } }
}
