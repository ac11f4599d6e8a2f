import NIOCore
import NIOPosix

/// The way to a keeper, and what comes from it.
struct RunningKeeper: Sendable {
    let channel: any Channel
    let start: EventLoopFuture<KeeperLink.Start>
    let status: EventLoopFuture<ExitStatus>
    var outputs: [OutputPipe] = []

    /// Starts to listen to a keeper; owns the descriptor when it returns.
    static func open(
        _ descriptor: Int32,
        running program: String,
        exit: EventLoopPromise<Void>,
        on eventLoop: any EventLoop,
        wakeWarden: @escaping @Sendable (_ isLast: Bool) -> Void,
        receive: @escaping @Sendable (ProcessEvent) -> Void
    ) async throws -> RunningKeeper {
        let start = eventLoop.makePromise(of: KeeperLink.Start.self)
        let status = eventLoop.makePromise(of: ExitStatus.self)
        do {
            let channel = try await NIOPipeBootstrap(group: eventLoop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let link = KeeperLink(
                            program: program,
                            exit: exit,
                            start: start,
                            end: status,
                            wakeWarden: wakeWarden,
                            receive: receive
                        )
                        try channel.pipeline.syncOperations.addHandler(link)
                    }
                }
                .takingOwnershipOfDescriptor(inputOutput: descriptor)
                .get()
            return RunningKeeper(channel: channel, start: start.futureResult, status: status.futureResult)
        } catch {
            start.fail(error)
            status.fail(error)
            throw error
        }
    }

    func send(_ record: KeeperRecord) {
        // A write that fails closes the channel, and at its end the keeper kills everything.
        _ = channel.writeAndFlush(record)
    }

    /// Waits until nothing is left, whether or not this task is cancelled.
    func end() async -> Reaped {
        let status = await status.value()
        var dropped = false
        for output in outputs where await output.wasDropped.value() { dropped = true }
        return Reaped(status: status, droppedOutput: dropped)
    }
}
