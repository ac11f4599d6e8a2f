import CLinux
import NIOCore
import NIOPosix

/// The daemon's signals as a stream of events, read from a signalfd on an event loop.
struct SignalSource {
    private let channel: any Channel

    /// Starts to read the signals that `SignalMask.block` has blocked.
    ///
    /// - Parameters:
    ///   - group: The event loops; one of them reads.
    ///   - yield: Hears what the daemon is asked for.
    ///   - reap: Hears that a child has ended.
    /// - Returns: The source, which must be closed.
    /// - Throws: `IOError` when the kernel gives no signalfd.
    static func open(
        on group: any EventLoopGroup,
        yield: @escaping @Sendable (DaemonCore.Event) -> Void,
        reap: @escaping @Sendable () -> Void
    ) async throws -> SignalSource {
        var mask = SignalMask.handledSet()
        let descriptor = clinux_signalfd(&mask)
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "cannot open a signalfd") }
        let channel = try await NIOPipeBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(SignalHandler(yield: yield, reap: reap))
                }
            }
            .takingOwnershipOfDescriptor(input: descriptor)
            .get()
        return SignalSource(channel: channel)
    }

    /// Stops to read; returns when the descriptor is closed.
    func close() async throws {
        try await channel.close()
    }
}
