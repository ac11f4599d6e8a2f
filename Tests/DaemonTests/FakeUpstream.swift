import NIOCore
import NIOPosix
import Synchronization

/// A proxy on a port of the kernel's choice that gives every request head the same answer, or none.
struct FakeUpstream: Sendable {
    let port: Int
    private let heads: Heads

    /// What it was asked.
    var asked: [String] { heads.all }

    /// Runs it for the time of `body`; `asked` is called with each head.
    static func run(
        answering answer: String?,
        asked: @escaping @Sendable (String) -> Void = { _ in },
        _ body: (FakeUpstream) async throws -> Void
    ) async throws {
        let heads = Heads()
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = Handler(answer: answer) { head in
                        heads.add(head)
                        asked(head)
                    }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            try await body(FakeUpstream(port: listener.localAddress?.port ?? 0, heads: heads))
        } catch {
            try await listener.close()
            throw error
        }
        try await listener.close()
    }

    private final class Heads: Sendable {
        private let heads = Mutex<[String]>([])

        var all: [String] { heads.withLock { $0 } }

        func add(_ head: String) { heads.withLock { $0.append(head) } }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let answer: String?
        private let asked: (String) -> Void
        private var text = ""

        init(answer: String?, asked: @escaping (String) -> Void) {
            self.answer = answer
            self.asked = asked
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
            guard text.hasSuffix("\r\n\r\n") else { return }
            asked(text)
            guard let answer else { return }
            context.channel.writeAndFlush(ByteBuffer(string: answer), promise: nil)
            context.close(promise: nil)
        }
    }
}
