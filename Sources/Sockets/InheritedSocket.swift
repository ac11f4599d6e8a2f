/// A listening socket that another process has left to this one, by the protocol of sd_listen_fds(3).
package struct InheritedSocket: Hashable, Sendable {
    /// Still the caller's: the listener table takes a duplicate.
    package var descriptor: Int32
    package var name: String

    package init(descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
    }
}
