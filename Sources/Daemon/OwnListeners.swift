import Addresses
import ServiceConfiguration

/// Where the services of a configuration listen on TCP.
struct OwnListeners: Sendable {
    private var hosts: [UInt16: [IPAddress]] = [:]

    init(of configuration: Configuration) {
        for listen in configuration.services.lazy.flatMap(\.listen) {
            guard case .tcp(let host, let port) = listen.value else { continue }
            hosts[port, default: []].append(host)
        }
    }

    /// True when a connection to `host` leads to one of them, as far as that is known without a look-up.
    func include(_ host: String, port: UInt16) -> Bool {
        let address = IPAddress(host)
        let isHere = address?.isLoopback ?? (host.lowercased() == "localhost")
        return hosts[port, default: []].contains { own in
            own == address || (isHere && own.isWildcard) || (address == nil && isHere && own.isLoopback)
        }
    }
}
