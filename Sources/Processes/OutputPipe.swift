import NIOCore
import NIOPosix

/// A pipe from a program's standard output or standard error to a receiver of lines.
struct OutputPipe: Sendable {
    let channel: any Channel
    /// Known when the last line is delivered: whether the pipe was dropped before its end.
    let wasDropped: EventLoopFuture<Bool>

    /// Starts to read; owns the descriptor when it returns.
    static func open(
        _ descriptor: Int32,
        isError: Bool,
        to receiver: any LineReceiver,
        on eventLoop: any EventLoop,
        exit: EventLoopFuture<Void>
    ) async throws -> OutputPipe {
        let done = eventLoop.makePromise(of: Bool.self)
        do {
            let channel = try await NIOPipeBootstrap(group: eventLoop)
                .channelOption(.autoRead, value: false)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let reader = OutputReader(receiver: receiver, isError: isError, exit: exit, done: done)
                        try channel.pipeline.syncOperations.addHandler(reader)
                    }
                }
                .takingOwnershipOfDescriptor(input: descriptor)
                .get()
            return OutputPipe(channel: channel, wasDropped: done.futureResult)
        } catch {
            done.fail(error)
            throw error
        }
    }
}
