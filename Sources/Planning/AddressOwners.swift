import Addresses
import ServiceConfiguration

/// Which service owns each address of a configuration.
struct AddressOwners {
    private var owners: [ListenAddress: String] = [:]

    init(of configuration: Configuration) {
        for service in configuration.services {
            for listen in service.listen { owners[listen.value] = service.name }
        }
    }

    /// True when `service` wants an address that another service owns.
    func mustHandOver(to service: ServiceSpecification) -> Bool {
        service.listen.contains { listen in
            guard let owner = owners[listen.value], !listen.value.isChosenByKernel else { return false }
            return owner != service.name
        }
    }
}
