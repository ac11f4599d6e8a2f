import Glibc
import NIOCore

/// Hands the datagrams of a listening UDP socket to its service.
final class DatagramReader: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    let receiver: any DatagramReceiver
    private let failure: AcceptFailure
    private var isClosing = false
    /// False once the socket is left to somebody else.
    private(set) var isReading = true

    init(_ receiver: any DatagramReceiver, failure: AcceptFailure) {
        self.receiver = receiver
        self.failure = failure
    }

    func close() { isClosing = true }

    /// Begins to read, unless the turn has passed on meanwhile.
    func begin(_ channel: any Channel) throws {
        if isReading { try channel.syncOptions?.setOption(.autoRead, value: true) }
    }

    func rest(_ channel: any Channel) {
        isReading = false
        do {
            try channel.syncOptions?.setOption(.autoRead, value: false)
        } catch {
            // Closed: it does not read.
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        let client = DatagramClient(address: envelope.remoteAddress, local: envelope.metadata?.packetInfo)
        receiver.receive(envelope.data, from: client)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // After these NIO goes on to read: a client that is not there any more, or no memory for one datagram.
        if let error = error as? IOError, [ECONNREFUSED, ENOMEM].contains(error.errnoCode) { return }
        failure.set(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !isClosing { failure.set(ChannelError.alreadyClosed) }
        context.fireChannelInactive()
    }
}
