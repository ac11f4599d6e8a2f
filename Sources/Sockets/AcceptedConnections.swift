import NIOCore
import NIOPosix

/// The way every accepted socket takes into its service, whoever accepted it.
struct AcceptedConnections: Sendable {
    /// Per connection and direction: enough to keep a fast peer busy, little enough for ten thousand connections.
    static let writeBuffer = ChannelOptions.Types.WriteBufferWaterMark(low: 16 * 1024, high: 64 * 1024)

    var group: any EventLoopGroup
    var connections: ConnectionTable
    /// What a client hears for whom the process has no descriptor.
    var dismissal: @Sendable () -> [UInt8] = { [] }
    var initialize: @Sendable (any Channel, Connection) throws -> Void

    /// Runs on the channel's event loop before it is registered; the slot has been reserved.
    func setUp(_ channel: any Channel) -> EventLoopFuture<Void> {
        let connection = connections.open(channel)
        do {
            try channel.closeOnExec()
            try channel.syncOptions?.setOption(.autoRead, value: false)
            try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
            try channel.syncOptions?.setOption(.writeBufferWaterMark, value: Self.writeBuffer)
            try initialize(channel, connection)
            return channel.eventLoop.makeSucceededVoidFuture()
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
    }

    /// Takes over a socket that was accepted outside of a listening channel.
    func takeOver(_ descriptor: Int32) async {
        connections.reserve()
        do {
            _ = try await ClientBootstrap(group: group)
                .channelInitializer { setUp($0) }
                .withConnectedSocket(descriptor).get()
        } catch {
            // The client has gone or the service refused it; the channel has closed the socket and freed the slot.
        }
    }
}
