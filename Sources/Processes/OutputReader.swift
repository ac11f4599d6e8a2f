import NIOCore

/// Reads a pipe of a program while its receiver takes lines.
final class OutputReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// How long and how much is read after the exit: enough for a full pipe, and a stop is not held up for longer.
    private static let timeAfterExit = TimeAmount.seconds(1)
    private static let bytesAfterExit = 1024 * 1024

    private let receiver: any LineReceiver
    /// Whether the pipe was dropped before its end.
    private let done: EventLoopPromise<Bool>
    private let exit: EventLoopFuture<Void>
    private var splitter: LineSplitter
    private var isPaused = false
    private var isAtEnd = false
    private var isDone = false
    private var remaining: Int?

    init(receiver: any LineReceiver, isError: Bool, exit: EventLoopFuture<Void>, done: EventLoopPromise<Bool>) {
        self.receiver = receiver
        self.done = done
        self.exit = exit
        splitter = LineSplitter(isError: isError)
    }

    func channelActive(context: ChannelHandlerContext) {
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return }
        let buffer = unwrapInboundIn(data)
        splitter.append(buffer.readableBytesView)
        if let budget = remaining { remaining = budget - buffer.readableBytes }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        deliver(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        isAtEnd = true
        deliver(context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        // Not an event of the pipeline, which has no handlers any more once the pipe has ended.
        exit.whenComplete { _ in
            let (reader, context) = bound.value
            reader.programExited(context)
        }
    }

    private func programExited(_ context: ChannelHandlerContext) {
        guard !isDone else { return }
        remaining = Self.bytesAfterExit
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let timer = context.eventLoop.scheduleTask(in: Self.timeAfterExit) {
            let (reader, context) = bound.value
            reader.drop(context)
        }
        done.futureResult.whenComplete { _ in timer.cancel() }
    }

    private func deliver(_ context: ChannelHandlerContext) {
        while !isPaused, !isDone, let line = splitter.next(atEnd: isAtEnd) {
            if !receiver.receive(line) { pause(context) }
        }
        guard !isPaused, !isDone else { return }
        if isAtEnd {
            finish(dropped: false)
        } else if let remaining, remaining < 0 {
            drop(context)
        } else {
            context.read()
        }
    }

    private func pause(_ context: ChannelHandlerContext) {
        isPaused = true
        let eventLoop = context.eventLoop
        let bound = NIOLoopBound((self, context), eventLoop: eventLoop)
        receiver.whenReady {
            eventLoop.execute {
                let (reader, context) = bound.value
                reader.isPaused = false
                reader.deliver(context)
            }
        }
    }

    private func drop(_ context: ChannelHandlerContext) {
        guard !isDone else { return }
        finish(dropped: true)
        context.close(promise: nil)
    }

    private func finish(dropped: Bool) {
        isDone = true
        done.succeed(dropped)
    }
}
