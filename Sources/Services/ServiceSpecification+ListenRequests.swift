package import ServiceConfiguration
package import Sockets

extension ServiceSpecification {
    /// The listening sockets of the service, as the listener table knows them.
    package var listenRequests: [ListenRequest] {
        listen.enumerated().map { index, address in
            ListenRequest(address.value, owner: name, index: index, isOptional: !essential)
        }
    }
}
