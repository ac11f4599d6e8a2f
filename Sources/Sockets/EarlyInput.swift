package import NIOCore

/// What a channel has received before its relay begins.
package struct EarlyInput: Sendable {
    /// Bytes for the other side.
    package var bytes: ByteBuffer?
    /// True when the peer has already finished sending.
    package var isFinished: Bool

    /// True when the channel has closed after that, in good order: a unix socket closed by its peer.
    package var isGone: Bool

    package init(bytes: ByteBuffer? = nil, isFinished: Bool = false, isGone: Bool = false) {
        self.bytes = bytes
        self.isFinished = isFinished
        self.isGone = isGone
    }
}
