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

    /// How long an unused connection is kept: below the 60 s that servers commonly allow.
    static let idleLimit = Duration.seconds(30)

    let channel: any Channel
    /// Received and not consumed.
    var input = ByteBuffer()
    /// The upstream will send nothing more.
    private(set) var isFinished = false
    /// The stream was cut, not ended.
    private(set) var isCut = false
    /// Why nothing more comes, for a request that waits for it.
    private(set) var failure = BridgeFailure.terminated
    /// It has served a request before the current one.
    var isReused = false
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

    /// Keeps the connection for a next request; whatever the upstream sends unasked closes it.
    func rest() {
        receiver = nil
        isReused = true
        idleTimer.expired = { [weak self] in self?.close() }
        idleTimer.arm(after: UpstreamLink.idleLimit)
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
        if !isFinished { failure = BridgeFailure(cutBy: error) }
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
        if let receiver {
            receiver.upstreamChanged(self)
        } else if isReused, !isUsable {
            close()
        }
    }
}
