package import Addresses

/// One listening socket that a service wants.
package struct ListenRequest: Hashable, Sendable {
    package var address: ListenAddress
    /// The service's name, and the index in its list: they tell sockets with port 0 apart.
    package var owner: String
    package var index: Int

    /// True when a failure to bind does not fail the staging: the owner tries again later.
    package var isOptional: Bool

    /// Who may connect, when it is a unix socket.
    package var access: UnixAccess

    package init(
        _ address: ListenAddress,
        owner: String,
        index: Int,
        isOptional: Bool = false,
        access: UnixAccess = .ownerAndGroup
    ) {
        self.access = access
        self.address = address
        self.owner = owner
        self.index = index
        self.isOptional = isOptional
    }
}
