import NIOCore

/// Turns the records of inotify(7) into one word when it has been quiet for a moment.
final class FileWatchHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// Several files change together, and an editor takes a few steps for one.
    static let quiet = TimeAmount.milliseconds(200)
    /// Files that never rest are read all the same.
    static let patience = TimeAmount.seconds(2)

    private let concerns: (FileEvent) -> Bool
    private let changed: @Sendable () -> Void
    private var pending = ByteBuffer()
    /// Since when something has changed that nobody was told.
    private var since: NIODeadline?
    private var alarm: Scheduled<Void>?

    init(concerns: @escaping (FileEvent) -> Bool, changed: @escaping @Sendable () -> Void) {
        self.concerns = concerns
        self.changed = changed
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        pending.writeBuffer(&buffer)
        var matters = false
        while let event = FileEvent(from: &pending) { matters = concerns(event) || matters }
        pending.discardReadBytes()
        if matters { wait(context.eventLoop) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        alarm?.cancel()
    }

    private func wait(_ loop: any EventLoop) {
        let now = loop.now
        let since = since ?? now
        self.since = since
        alarm?.cancel()
        alarm = loop.assumeIsolated().scheduleTask(deadline: min(now + Self.quiet, since + Self.patience)) { [self] in
            self.since = nil
            alarm = nil
            changed()
        }
    }
}
