package import ServiceConfiguration
package import Sockets

extension ServiceSpecification {
    /// The listening sockets of the service, as the listener table knows them.
    package var listenRequests: [ListenRequest] {
        listen.enumerated().map {
            ListenRequest($0.element.value, owner: name, index: $0.offset, isOptional: !essential, access: access)
        }
    }

    private var access: UnixAccess {
        switch endpoint {
        case .control(let group): group.map { UnixAccess(mode: 0o660, group: $0) } ?? .owner
        case .status, nil: .ownerAndGroup
        }
    }
}
