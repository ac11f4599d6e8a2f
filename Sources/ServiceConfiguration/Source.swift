/// A file of a configuration with what stood in it when it was read.
package struct Source: Sendable {
    /// What tells a file from every other, whichever path leads to it.
    package struct Identity: Hashable, Sendable {
        package var device: UInt64
        package var inode: UInt64

        package init(device: UInt64, inode: UInt64) {
            self.device = device
            self.inode = inode
        }
    }

    /// The path as the user would write it: positions in the file carry it.
    package var file: String
    package var bytes: [UInt8]
    /// Nil where only the path tells.
    package var identity: Identity?

    package init(file: String, bytes: [UInt8], identity: Identity? = nil) {
        self.file = file
        self.bytes = bytes
        self.identity = identity
    }
}
