import Addresses

/// Owns every listening socket of the daemon, by address.
package final class ListenerTable: Sendable {
    package init() {}

    /// Claims what is there and binds what is missing; after this, `sockets(for:)` hands out both kinds.
    ///
    /// - Returns: The staged change, or every failure; after a failure nothing has changed.
    package func stage(_ wanted: [ListenRequest]) -> StagingOutcome {
        .failed([])
    }

    /// The sockets of one service: duplicates of the table's descriptors, so an address outlives its service.
    ///
    /// - Throws: The errno of the failed duplication, or EBADF for an address that is neither committed nor staged.
    package func sockets(for requests: [ListenRequest]) throws(BindFailure) -> ListeningSockets {
        throw BindFailure(request: ListenRequest(.unix(path: ""), owner: "", index: 0), errno: 9, holderInode: nil)
    }
}
