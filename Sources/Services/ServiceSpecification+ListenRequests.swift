package import ServiceConfiguration
package import Sockets

extension ServiceSpecification {
    /// The listening sockets of the service, as the listener table knows them.
    package var listenRequests: [ListenRequest] {
        listen.enumerated().map {
            ListenRequest($0.element.value, owner: name, index: $0.offset, isOptional: !essential)
        }
    }
}
