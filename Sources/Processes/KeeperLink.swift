import CWarden
import Glibc
import NIOCore

/// The conversation with a keeper, on an event loop.
///
/// A keeper that is stopped, be it by its own program, is woken when it has something to do; one that is still stopped
/// after `patience` is killed, and what it kept dies with it.
final class KeeperLink: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = KeeperRecord
    typealias OutboundOut = ByteBuffer

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
        case over
        case failed(SpawnError)
    }

    /// How long a keeper or a warden that does not answer is given; an answer takes microseconds.
    private static let patience = TimeAmount.seconds(2)
    /// How long a keeper that keeps nothing any more is left alone: its end is work for the kernel, which a replacement
    /// of its program would have to wait for.
    private static let rest = TimeAmount.milliseconds(10)
    /// How often and how many times main looks whether the program of a killed keeper is reaped: for five seconds.
    private static let look = TimeAmount.milliseconds(10)
    private static let looks = 500

    private let program: String
    /// Succeeds when the program has exited, or will never run.
    private let exit: EventLoopPromise<Void>
    private let receive: @Sendable (ProcessEvent) -> Void
    private let start: EventLoopPromise<Start>
    private let end: EventLoopPromise<ExitStatus>
    /// Wakes the warden, which may have to reap or to read a request.
    private let wakeWarden: @Sendable (_ isLast: Bool) -> Void
    private var state = State.silent
    private var keeper: Int32?
    private var programPID: Int32?
    private var isKilling = false
    private var watch: Scheduled<Void>?
    private var looksTaken = 0
    private var silences = 0
    private var pending = ByteBuffer()

    init(
        program: String,
        exit: EventLoopPromise<Void>,
        start: EventLoopPromise<Start>,
        end: EventLoopPromise<ExitStatus>,
        wakeWarden: @escaping @Sendable (_ isLast: Bool) -> Void,
        receive: @escaping @Sendable (ProcessEvent) -> Void
    ) {
        self.program = program
        self.exit = exit
        self.start = start
        self.end = end
        self.wakeWarden = wakeWarden
        self.receive = receive
    }

    func channelActive(context: ChannelHandlerContext) {
        beginWatch(on: context.eventLoop)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let record = unwrapOutboundIn(data)
        context.write(wrapOutboundOut(record.bytes), promise: promise)
        if let keeper { cwarden_signal_descendant(keeper, SIGCONT) }
        guard record.kind == CWARDEN_KILL else { return }
        isKilling = true
        beginWatch(on: context.eventLoop)
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
        watch?.cancel()
        defer { exit.succeed(()) }
        switch state {
        case .silent: start.succeed(.lost)
        case .greeted: start.succeed(.failed(SpawnError(step: "keep", program: program, errno: ESRCH)))
        case .failed(let error): start.succeed(.failed(error))
        case .running:
            // The keeper was killed. The kernel kills the program with it, and the warden the rest.
            exited(.signal(SIGKILL, dumpedCore: false))
            return awaitEnd(.signal(SIGKILL, dumpedCore: false), on: context.eventLoop)
        case .exited(let status): return awaitEnd(status, on: context.eventLoop)
        case .over: return forget()
        }
        finish(.signal(SIGKILL, dumpedCore: false))
    }

    private func forget() {
        if let keeper { Offspring.remove(keeper: keeper) }
    }

    private func finish(_ status: ExitStatus) {
        forget()
        end.succeed(status)
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
            programPID = pid
            if !isKilling { endWatch() }
            if let keeper { Offspring.note(program: pid, of: keeper) }
            start.succeed(.running(pid: pid))
        case (.running, .happened(let event)): receive(event)
        case (.running, .exited(let status)):
            exited(status)
            beginWatch(on: context.eventLoop)
        case (.exited(let status), .gone):
            state = .over
            end.succeed(status)
            let channel = context.channel
            context.eventLoop.scheduleTask(in: Self.rest) { channel.close(promise: nil) }
        case (.silent, _), (.greeted, _), (.running, _), (.exited, _), (.over, _), (.failed, _): break
        }
    }

    private func exited(_ status: ExitStatus) {
        state = .exited(status)
        receive(.exited(status))
        exit.succeed(())
    }
}

// MARK: Stopped keepers and wardens

extension KeeperLink {
    /// Looks after the keeper while something is awaited of it: its first words, its end, or the end of all.
    private func beginWatch(on eventLoop: any EventLoop) {
        guard watch == nil else { return }
        watch = eventLoop.assumeIsolated().scheduleTask(in: Self.patience) { [self] in
            watch = nil
            wake()
            beginWatch(on: eventLoop)
        }
    }

    private func endWatch() {
        watch?.cancel()
        watch = nil
    }

    private func wake() {
        guard let keeper else {
            silences += 1
            return wakeWarden(silences > 1)
        }
        wakeWarden(false)
        let hasToEnd: Bool
        switch state {
        // It hears nothing while its program is on the way to exec.
        case .greeted where isKilling: return cwarden_signal_descendant(keeper, SIGKILL)
        case .exited: hasToEnd = true
        case .silent, .greeted, .running, .over, .failed: hasToEnd = isKilling
        }
        guard cwarden_is_stopped(keeper) else { return }
        cwarden_signal_descendant(keeper, hasToEnd ? SIGKILL : SIGCONT)
    }

    /// Waits until the group of a program whose keeper was killed is reaped.
    private func awaitEnd(_ status: ExitStatus, on eventLoop: any EventLoop) {
        guard let programPID, looksTaken < Self.looks, kill(-programPID, 0) == 0 || errno != ESRCH else {
            return finish(status)
        }
        looksTaken += 1
        wakeWarden(false)
        eventLoop.assumeIsolated().scheduleTask(in: Self.look) { [self] in awaitEnd(status, on: eventLoop) }
    }
}
