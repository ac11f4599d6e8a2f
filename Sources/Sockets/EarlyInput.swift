package import NIOCore

/// What a channel has received before its relay begins.
package struct EarlyInput: Sendable {
    /// Bytes for the other side.
    package var bytes: ByteBuffer?
    /// True when the peer has already finished sending.
    package var isFinished: Bool

    package init(bytes: ByteBuffer? = nil, isFinished: Bool = false) {
        self.bytes = bytes
        self.isFinished = isFinished
    }
}
