import Addresses
import ServiceConfiguration

extension Configuration {
    /// True when a service listens where a connection to `host` leads, as far as that is known without a look-up.
    func listens(at host: String, port: UInt16) -> Bool {
        let address = IPAddress(host)
        let isHere = address?.isLoopback ?? (host.lowercased() == "localhost")
        return services.flatMap(\.listen).contains { listen in
            guard case .tcp(let own, let ownPort) = listen.value, ownPort == port else { return false }
            return own == address || (isHere && own.isWildcard) || (address == nil && isHere && own.isLoopback)
        }
    }
}
