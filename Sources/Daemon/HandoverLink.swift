import CLinux
import Glibc
import NIOCore
import NIOPosix

/// The link between a daemon and the one that takes its place; each side says one word, a byte.
///
/// The new one says that it serves; then the old one says that none of its programs runs any more. The end of a side is
/// the end of its link.
struct HandoverLink: Sendable {
    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let heard: () -> Void
        private let ended: () -> Void

        init(heard: @escaping () -> Void, ended: @escaping () -> Void) {
            self.heard = heard
            self.ended = ended
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { heard() }
        func channelInactive(context: ChannelHandlerContext) { ended() }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    private let channel: any Channel

    /// Owns the descriptor when it returns.
    static func open(
        _ descriptor: Int32,
        on loop: any EventLoop,
        heard: @escaping @Sendable () -> Void,
        ended: @escaping @Sendable () -> Void
    ) async throws -> HandoverLink {
        let channel = try await NIOPipeBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(heard: heard, ended: ended))
                }
            }
            .takingOwnershipOfDescriptor(inputOutput: descriptor)
            .get()
        return HandoverLink(channel: channel)
    }

    /// The two ends of a new link, close-on-exec.
    static func pair() throws -> (mine: Int32, theirs: Int32) {
        var ends: [Int32] = [-1, -1]
        let type = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue
        guard socketpair(AF_UNIX, Int32(type), 0, &ends) == 0 else {
            throw IOError(errnoCode: errno, reason: "cannot open a pair of sockets")
        }
        return (ends[0], ends[1])
    }

    /// Says the word.
    ///
    /// A side that has ended hears nothing, and has said so by its end.
    func say() {
        channel.writeAndFlush(ByteBuffer(string: "."), promise: nil)
    }

    func close() async {
        do {
            try await channel.close()
        } catch {
            // The other side has ended before.
        }
    }
}
