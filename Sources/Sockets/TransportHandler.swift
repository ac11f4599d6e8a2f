package import NIOCore

/// Stands at the socket's end of a pipeline that changes the bytes, as TLS does.
///
/// What is asked of its context goes to the socket at once: a reset must not wait for a farewell in TLS, and must not
/// send one, which would make a cut look like an end.
package final class TransportHandler: ChannelOutboundHandler {
    package typealias OutboundIn = ByteBuffer

    package init() {}
}
