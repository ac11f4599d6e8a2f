import Glibc
import NIOCore

/// The conversation with a keeper, on an event loop.
final class KeeperLink: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// What came of a start.
    enum Start: Sendable {
        case running(pid: Int32)
        case failed(SpawnError)
        /// The keeper ended without a word: its warden has died before it was forked.
        case lost
    }

    private enum State {
        case silent
        case greeted
        case running
        case exited(ExitStatus)
        case over(ExitStatus)
        case failed(SpawnError)
    }

    private let program: String
    /// Succeeds when the program has exited, or will never run.
    private let exit: EventLoopPromise<Void>
    private let receive: @Sendable (ProcessEvent) -> Void
    private let start: EventLoopPromise<Start>
    private let end: EventLoopPromise<ExitStatus>
    private var state = State.silent
    private var keeper: Int32?
    private var pending = ByteBuffer()

    init(
        program: String,
        exit: EventLoopPromise<Void>,
        start: EventLoopPromise<Start>,
        end: EventLoopPromise<ExitStatus>,
        receive: @escaping @Sendable (ProcessEvent) -> Void
    ) {
        self.program = program
        self.exit = exit
        self.start = start
        self.end = end
        self.receive = receive
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        pending.writeBuffer(&buffer)
        while let words = pending.readMultipleIntegers(endianness: .host, as: (Int32, Int32, Int32).self) {
            handle(KeeperRecord(kind: words.0, value: words.1, error: words.2), context)
        }
        pending.discardReadBytes()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let keeper { Offspring.remove(keeper: keeper) }
        defer { exit.succeed(()) }
        switch state {
        case .silent: start.succeed(.lost)
        case .greeted: start.succeed(.failed(SpawnError(step: "keep", program: program, errno: ESRCH)))
        case .failed(let error): start.succeed(.failed(error))
        case .running:
            // The keeper was killed. The kernel kills the program with it, and the warden the rest.
            exited(.signal(SIGKILL, dumpedCore: false))
            end.succeed(.signal(SIGKILL, dumpedCore: false))
            return
        case .exited(let status), .over(let status):
            end.succeed(status)
            return
        }
        end.succeed(.signal(SIGKILL, dumpedCore: false))
    }

    private func handle(_ record: KeeperRecord, _ context: ChannelHandlerContext) {
        switch (state, record.event) {
        case (.silent, .hello(let pid)):
            keeper = pid
            Offspring.add(keeper: pid)
            state = .greeted
        case (.silent, .failed(let step, let errno)), (.greeted, .failed(let step, let errno)):
            state = .failed(SpawnError(step: SpawnStep.name(of: step), program: program, errno: errno))
            context.close(promise: nil)
        case (.greeted, .started(let pid)):
            state = .running
            if let keeper { Offspring.note(program: pid, of: keeper) }
            start.succeed(.running(pid: pid))
        case (.running, .happened(let event)): receive(event)
        case (.running, .exited(let status)): exited(status)
        case (.exited(let status), .gone):
            state = .over(status)
            context.close(promise: nil)
        case (.silent, _), (.greeted, _), (.running, _), (.exited, _), (.over, _), (.failed, _): break
        }
    }

    private func exited(_ status: ExitStatus) {
        state = .exited(status)
        receive(.exited(status))
        exit.succeed(())
    }
}
