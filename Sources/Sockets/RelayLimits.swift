package import NIOCore

/// The limits in time of a relay; nil: no limit.
package struct RelayLimits: Sendable {
    /// Without a byte in either direction.
    package var idle: TimeAmount?
    /// Since the last byte after one direction has closed.
    package var halfClose: TimeAmount?
    /// Bytes wait for a peer that does not read.
    package var writeStall: TimeAmount?

    package init(idle: TimeAmount?, halfClose: TimeAmount?, writeStall: TimeAmount?) {
        self.idle = idle
        self.halfClose = halfClose
        self.writeStall = writeStall
    }
}
