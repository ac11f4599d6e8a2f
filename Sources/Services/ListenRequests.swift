package import ServiceConfiguration
package import Sockets

extension ServiceSpecification {
    /// The listening sockets that this service wants, in the order of the file.
    package var listenRequests: [ListenRequest] {
        listen.enumerated().map { ListenRequest($1.value, owner: name, index: $0) }
    }
}
