package import NIOCore

/// Joins two channels of one event loop: what one reads the other writes, with back pressure and half-close.
package enum Relay {
    /// Why a relay ended.
    package enum Cause: String, Sendable {
        case clientFinished = "client_fin"
        case upstreamFinished = "upstream_fin"
        case idle
        case halfCloseExpired = "half_close"
        case writeStall = "write_stall"
        case reset = "rst"
        /// Closed while it was quiet, because its way is not wanted any more.
        case drained = "drain"
        /// Reset for the same reason while it was in use.
        case cut
        case forced = "stop"
    }

    /// Adds the relay's handlers at the end of both pipelines.
    ///
    /// Must be called on the channels' event loop; both channels allow remote half closure and do not read by
    /// themselves (`autoRead` off): the relay reads.
    ///
    /// - Parameters:
    ///   - client: The accepted channel.
    ///   - upstream: What was dialled for it.
    ///   - connection: Counts the bytes of both directions.
    ///   - limits: When a silent or stuck relay ends.
    ///   - fromClient: What a handler that is gone now has already received; it is sent on first.
    ///   - fromUpstream: The same of the other side.
    /// - Throws: When a channel has closed already and its early input does not tell so;
    ///   both are the caller's to close then.
    /// - Returns: Succeeds with the cause when both channels have closed.
    package static func join(
        client: any Channel,
        upstream: any Channel,
        connection: Connection,
        limits: RelayLimits,
        fromClient: EarlyInput = EarlyInput(),
        fromUpstream: EarlyInput = EarlyInput()
    ) throws -> EventLoopFuture<Cause> {
        let link = RelayLink(
            client: RelayEnd(channel: client, isUnix: client.isUnix || fromClient.isGone),
            upstream: RelayEnd(channel: upstream, isUnix: upstream.isUnix || fromUpstream.isGone),
            connection: connection,
            limits: limits
        )
        if !fromClient.isGone { try add(RelayHandler(.client, link), to: client) }
        if !fromUpstream.isGone { try add(RelayHandler(.upstream, link), to: upstream) }
        return link.start(fromClient: fromClient, fromUpstream: fromUpstream)
    }

    private static func add(_ handler: RelayHandler, to channel: any Channel) throws {
        try channel.syncOptions?.setOption(.writeBufferWaterMark, value: AcceptedConnections.writeBuffer)
        try channel.pipeline.syncOperations.addHandler(handler)
    }
}
