import NIOCore
import ServiceConfiguration
import Sockets

extension BridgeSession {
    /// Who opens connections for the requests of this session.
    var routeOwner: RouteOpening.Owner {
        let connection = connection
        return RouteOpening.Owner(
            tasks: context.tasks,
            adopt: { connection.adopt($0) },
            passage: passage,
            timer: timer,
            eventLoop: channel.eventLoop,
            refused: context.refused
        )
    }

    /// Joins the client with what `link` leads to; the relay has both channels from then on.
    ///
    /// - Parameters:
    ///   - link: Leads to the other end; what its input holds is delivered first.
    ///   - answer: What the client is told before.
    ///   - snapshot: Has the limits.
    ///   - record: Is logged when the tunnel has ended.
    func becomeTunnel(
        over link: UpstreamLink,
        telling answer: ByteBuffer,
        snapshot: RouteSnapshot,
        record: RequestRecord
    ) {
        // First: the client may look as soon as it has its answer.
        context.counting.tunnelOpened()
        channel.write(answer, promise: nil)
        channel.flush()
        let early = EarlyInput(bytes: input, isFinished: isInputFinished)
        // An upstream that was cut has not finished: its reset is passed on.
        let banner = EarlyInput(bytes: link.input, isFinished: link.isFinished && !link.isCut)
        let connection = connection
        connection.serve(record.purpose)
        let before = (received: connection.received, sent: connection.sent)
        connection.count(sent: answer.readableBytes)
        // Both handlers are gone when this returns: the channels' event loop is the current one.
        let removed = leave().and(link.detach())
        let joined = removed.assumeIsolated().flatMapThrowing { _ in
            let ended = try Relay.join(
                client: self.channel,
                upstream: link.channel,
                connection: connection,
                limits: RelayLimits(snapshot),
                fromClient: early,
                fromUpstream: banner
            )
            // A client that has left hears of no swap: its relay ends with what is under way.
            if self.channel.isActive {
                try self.channel.pipeline.syncOperations.addHandler(TunnelHandler(snapshot))
            }
            return ended
        }
        joined.whenFailure { _ in
            self.channel.reset()
            link.channel.reset()
        }
        joined.nonisolated().flatMap { $0 }.assumeIsolated().whenComplete { result in
            self.context.counting.tunnelClosed()
            var record = record
            record.up += connection.received - before.received
            record.down += connection.sent - before.sent
            let cause =
                switch result {
                case .success(let cause): cause.rawValue
                case .failure: Relay.Cause.reset.rawValue
                }
            record.close(in: self.context, cause: cause)
        }
    }
}

extension RelayLimits {
    init(_ snapshot: RouteSnapshot) {
        func limit(_ duration: Duration) -> TimeAmount? { .zero < duration ? TimeAmount(duration) : nil }
        self.init(
            idle: limit(snapshot.idle),
            halfClose: limit(snapshot.timeouts.halfClose),
            writeStall: limit(snapshot.timeouts.writeStall)
        )
    }
}
