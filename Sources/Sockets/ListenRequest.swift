package import Addresses

/// One listening socket that a service wants.
package struct ListenRequest: Hashable, Sendable {
    package var address: ListenAddress
    /// The service's name, and the index in its list: they tell sockets with port 0 apart.
    package var owner: String
    package var index: Int

    package init(_ address: ListenAddress, owner: String, index: Int) {
        self.address = address
        self.owner = owner
        self.index = index
    }
}
