package import Addresses

/// One listening socket that a service wants.
package struct ListenRequest: Hashable, Sendable {
    package var address: ListenAddress
    /// The service's name, and the index in its list: they tell sockets with port 0 apart.
    package var owner: String
    package var index: Int

    /// True when a failure to bind does not fail the staging: the owner tries again later.
    package var isOptional: Bool

    package init(_ address: ListenAddress, owner: String, index: Int, isOptional: Bool = false) {
        self.address = address
        self.owner = owner
        self.index = index
        self.isOptional = isOptional
    }
}
