import Glibc

/// Why one address could not be bound.
package struct BindFailure: Error, Hashable, Sendable {
    package var request: ListenRequest
    /// The errno of the failed call; see errno(3).
    package var errno: Int32
    /// The inode of the listening socket that is in the way, when /proc shows it.
    package var holderInode: UInt64?

    package init(request: ListenRequest, errno: Int32, holderInode: UInt64?) {
        self.request = request
        self.errno = errno
        self.holderInode = holderInode
    }
}

extension BindFailure: CustomStringConvertible {
    package var description: String {
        "cannot bind \(request.address): \(String(cString: strerror(errno))) (errno \(errno)); "
            + "free the address or choose another"
    }
}
