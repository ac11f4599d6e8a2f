import Glibc
import NIOCore
import Sockets

/// The bridge's end of one connection to an upstream or origin; on the event loop of the client it serves.
final class UpstreamLink {
    /// What a link's owner gets to know.
    protocol Receiver: AnyObject {
        /// Bytes are in `input`, or the upstream has finished: `isFinished` and `failure` tell.
        func upstreamChanged(_ link: UpstreamLink)
        /// The upstream takes bytes again.
        func upstreamWritable(_ link: UpstreamLink)
    }

    let channel: any Channel
    /// Received and not consumed.
    var input = ByteBuffer()
    /// The upstream will send nothing more.
    private(set) var isFinished = false
    /// The upstream had closed before it got the head.
    private var isUnsent = false
    /// The stream was cut, not ended.
    private(set) var isCut = false
    /// Why nothing more comes, for a request that waits for it.
    var failure: BridgeFailure { isUnsent ? .unsent : reason }
    private var reason = BridgeFailure.terminated
    /// It has served a request before the current one.
    private(set) var isReused = false
    private var isReading = false
    private weak var receiver: (any Receiver)?
    private let idleTimer: LazyTimer
    /// The pipeline owns it, and it owns the link.
    private weak var handler: UpstreamHandler?

    init(_ channel: any Channel) {
        self.channel = channel
        idleTimer = LazyTimer(channel.eventLoop)
    }

    /// Adds the handler that feeds the link.
    func install() throws {
        let handler = UpstreamHandler(self)
        self.handler = handler
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    /// Hands the channel to somebody else's handlers; the link hears nothing any more.
    func detach() -> EventLoopFuture<Void> {
        idleTimer.stop()
        receiver = nil
        guard let handler else { return channel.eventLoop.makeSucceededVoidFuture() }
        self.handler = nil
        return channel.pipeline.syncOperations.removeHandler(handler)
    }

    func serve(_ receiver: any Receiver) {
        idleTimer.disarm()
        self.receiver = receiver
    }

    /// Waits for a next request for a time; `pool` hears when something comes instead.
    func rest(with pool: any Receiver, for limit: Duration, expired: @escaping () -> Void) {
        receiver = pool
        isReused = true
        idleTimer.expired = expired
        idleTimer.arm(after: limit)
        read()
    }

    var isUsable: Bool { channel.isActive && !isFinished && input.readableBytes == 0 }

    func read() {
        guard !isReading, !isFinished else { return }
        isReading = true
        channel.read()
    }

    /// A failed write closes the channel, which the receiver sees; a promise for each would only repeat it.
    func send(_ buffer: ByteBuffer) {
        channel.write(buffer, promise: nil)
    }

    /// Sends the first words of a request or a dialogue, whose failure is a reason of its own.
    func sendHead(_ buffer: ByteBuffer) {
        channel.write(buffer).assumeIsolated().whenFailure { error in
            if (error as? IOError)?.errnoCode == EPIPE { self.isUnsent = true }
        }
    }

    func flush() {
        channel.flush()
    }

    func close() {
        idleTimer.stop()
        receiver = nil
        channel.close(promise: nil)
    }

    /// Closes so that the upstream sees a cut request as cut.
    func reset() {
        idleTimer.stop()
        receiver = nil
        channel.reset()
    }

    // MARK: - Events of the handler

    func received(_ bytes: ByteBuffer) {
        var bytes = bytes
        if input.readableBytes == 0 { input = bytes } else { input.writeBuffer(&bytes) }
    }

    func readCompleted() {
        isReading = false
        changed()
    }

    func failed(_ error: any Error) {
        if !isFinished { reason = BridgeFailure(cutBy: error) }
        finished(cut: true)
    }

    func finished(cut: Bool) {
        if cut { isCut = isCut || !isFinished }
        guard !isFinished else { return }
        isFinished = true
        changed()
    }

    func writable() {
        receiver?.upstreamWritable(self)
    }

    private func changed() {
        receiver?.upstreamChanged(self)
    }
}
