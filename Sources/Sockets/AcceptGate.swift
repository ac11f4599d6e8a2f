import Glibc
import NIOCore
import NIOPosix

/// Decides when a listening channel accepts: while its service has a free slot and the process has descriptors.
///
/// NIO's `AcceptBackoffHandler` only delays the next `read`; after a failed accept the channel stays registered and
/// epoll reports the same connection again at once. This one unregisters the channel (`autoRead` off) until it goes on.
final class AcceptGate: ChannelInboundHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel

    /// How long accepting rests when the process or the machine has no descriptor or memory left.
    private static let backOff = TimeAmount.milliseconds(100)
    /// How many connections one wake-up of the event loop accepts.
    private static let largeBatch: UInt = 16
    /// With this many free slots a few listening channels can accept batches side by side within the limit; with fewer
    /// each accepts one connection at a time.
    private static let plenty = 1_024
    /// Trouble lasts; one report in this time is enough.
    private static let reportInterval = TimeAmount.seconds(10)

    private let connections: ConnectionTable
    /// Accepts one connection by a reserve descriptor and dismisses it.
    private let shed: () -> Void
    private let report: @Sendable (AcceptTrouble?) -> Void
    private var batch: UInt = 1
    private var isOpen = false
    private var isResting = false
    private var isClosing = false
    /// Accepted connections that are being set up on their event loops.
    private var underway = 0
    private var settled: EventLoopPromise<Void>?
    private var context: ChannelHandlerContext?
    private var occurrences = 0
    private var nextReport = NIODeadline.distantPast
    /// Reports that the trouble is over; nil while there is none.
    private var recovery: Scheduled<Void>?
    private let failure: AcceptFailure

    init(
        connections: ConnectionTable,
        failure: AcceptFailure,
        report: @escaping @Sendable (AcceptTrouble?) -> Void,
        shed: @escaping () -> Void
    ) {
        self.connections = connections
        self.failure = failure
        self.report = report
        self.shed = shed
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// Begins to accept.
    func open() {
        isOpen = true
        if let context { resume(context) }
    }

    /// Stops to accept; succeeds when every accepted connection is set up, so that the channel may close.
    ///
    /// NIO would close a connection whose listening channel closes while it is being set up.
    func close() -> EventLoopFuture<Void>? {
        isClosing = true
        guard let context else { return nil }
        setReading(false, context)
        guard underway > 0 else { return nil }
        let promise = context.eventLoop.makePromise(of: Void.self)
        settled = promise
        return promise.futureResult
    }

    /// An accepted connection has been set up, or has failed to be.
    func setUpEnded() {
        underway -= 1
        if underway == 0 { settled?.succeed(()) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        underway += 1
        if recovery != nil { recover() }
        connections.reserve()
        // NIO's handler sets the connection up and passes it on to `AcceptedTail`.
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        if !isResting { resume(context) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? IOError else { return failure.set(error) }
        switch error.errnoCode {
        case EMFILE, ENFILE:
            rest(context, after: error.errnoCode)
            shed()
        case ENOBUFS, ENOMEM:
            rest(context, after: error.errnoCode)
        case ECONNABORTED:
            break  // the client has gone; the channel goes on
        default:
            failure.set(error)  // NIO closes the channel
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !isClosing { failure.set(ChannelError.alreadyClosed) }
        settled?.succeed(())
        recovery?.cancel()
        context.fireChannelInactive()
    }

    private func rest(_ context: ChannelHandlerContext, after code: Int32) {
        occurrences += 1
        if NIODeadline.now() >= nextReport {
            report(AcceptTrouble(errno: code, occurrences: occurrences))
            occurrences = 0
            nextReport = .now() + Self.reportInterval
        }
        isResting = true
        setReading(false, context)
        recovery?.cancel()
        // Without a client in the queue nobody can tell sooner.
        recovery = context.eventLoop.assumeIsolated().scheduleTask(in: Self.reportInterval) { self.recover() }
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.backOff) {
            self.isResting = false
            self.resume(context)
        }
    }

    private func recover() {
        recovery?.cancel()
        recovery = nil
        report(nil)
    }

    private func resume(_ context: ChannelHandlerContext) {
        guard isOpen, !isClosing, context.channel.isActive else { return }
        let eventLoop = context.eventLoop
        let handler = NIOLoopBound((self, context), eventLoop: eventLoop)
        let free = connections.freeSlots {
            eventLoop.execute {
                let (gate, context) = handler.value
                if !gate.isResting { gate.resume(context) }
            }
        }
        setBatch(free >= Self.plenty ? Self.largeBatch : 1, context)
        setReading(free > 0, context)
    }

    private func setBatch(_ count: UInt, _ context: ChannelHandlerContext) {
        guard count != batch else { return }
        batch = count
        do {
            try context.channel.syncOptions?.setOption(.maxMessagesPerRead, value: count)
        } catch {
            failure.set(error)
        }
    }

    /// Setting the value that is already set costs no system call.
    private func setReading(_ isReading: Bool, _ context: ChannelHandlerContext) {
        do {
            try context.channel.syncOptions?.setOption(.autoRead, value: isReading)
        } catch {
            failure.set(error)
        }
    }
}
