/// Which file a path names: two files are the same when both numbers are.
package struct FileIdentity: Hashable, Sendable {
    package var device: UInt64
    package var inode: UInt64
    package var isSocket: Bool

    package init(device: UInt64, inode: UInt64, isSocket: Bool) {
        self.device = device
        self.inode = inode
        self.isSocket = isSocket
    }
}
