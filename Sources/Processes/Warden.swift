import CWarden
import Glibc
package import NIOCore
import NIOPosix
import Synchronization

/// Starts programs, and sees to it that none of their descendants outlives this process.
package final class Warden: Sendable {
    private struct Process {
        var pid: Int32
        var socket: Int32
    }

    /// How long a warden may take to end; without programs it ends at once.
    private static let endLimit = TimeAmount.seconds(2)
    /// How often a request waits a millisecond for a warden whose queue is full, before it fails.
    private static let patience = 10_000

    private let group: any EventLoopGroup
    private let executable: String
    private let adoptsOrphans: Bool
    /// Returns true when programs may be started, false when the task was cancelled before.
    private let admission: @Sendable () async -> Bool
    /// The programs that are being started or have not exited.
    private let programs = Atomic(0)
    private let process = Mutex<Process?>(nil)

    /// - Parameters:
    ///   - group: The event loops on which children are watched and their output is read.
    ///   - executable: The program that turns into the warden when its `argv[0]` says so.
    ///   - adoptsOrphans: True when this process calls `reapStrays` on SIGCHLD: what a warden or keeper that was killed
    ///     leaves behind comes to it then, and is killed.
    ///   - admission: Returns true when programs may be started, false when the task was cancelled before.
    package init(
        group: any EventLoopGroup,
        executable: String = "/proc/self/exe",
        adoptsOrphans: Bool = false,
        admission: @escaping @Sendable () async -> Bool = { true }
    ) {
        self.admission = admission
        self.group = group
        self.executable = executable
        self.adoptsOrphans = adoptsOrphans
    }

    /// Starts the warden process, unless it runs.
    package func start() async throws(SpawnError) {
        let error = process.withLock { process in ensure(&process) }
        guard error == 0 else { throw SpawnError(step: "start", program: "warden", errno: error) }
    }

    /// True when no program runs or is being started.
    package var isIdle: Bool { programs.load(ordering: .acquiring) == 0 }

    /// Runs a program in a session of its own.
    ///
    /// - Parameters:
    ///   - request: What to run.
    ///   - receive: Hears what happens, in order, on an event loop; must not block.
    /// - Returns: The running program, when its image has been executed.
    /// - Throws: What failed before that; nothing is left then.
    package func spawn(
        _ request: SpawnRequest,
        receive: @escaping @Sendable (ProcessEvent) -> Void
    ) async throws(SpawnError) -> ChildProcess {
        guard await admission() else { throw SpawnError(step: "start", program: request.program, errno: ECANCELED) }
        do {
            let message = try SpawnMessage(request)
            // A warden that dies loses the requests that it has not read; one that lives loses none.
            for _ in 0..<2 {
                var descriptors = try SpawnDescriptors(message, of: request)
                let exit = group.next().makePromise(of: Void.self)
                programs.add(1, ordering: .relaxed)
                exit.futureResult.whenComplete { [self] _ in programs.subtract(1, ordering: .releasing) }
                var keeper = try await send(&descriptors, of: request, exit: exit, receive: receive)
                let start = await withTaskCancellationHandler { [keeper] in
                    await keeper.start.value()
                } onCancel: { [keeper] in
                    keeper.send(.kill)
                }
                switch start {
                case .running(let pid):
                    try await open(&descriptors, of: request, exit: exit, keeper: &keeper)
                    return ChildProcess(pid: pid, keeper: keeper)
                case .failed(let error): throw error
                case .lost:
                    _ = await keeper.end()
                    forgetDead()
                }
            }
            throw KernelError(errno: ESRCH)
        } catch let error as SpawnError {
            throw error
        } catch let error as KernelError {
            throw SpawnError(step: "start a keeper for", program: request.program, errno: error.errno)
        } catch {
            throw SpawnError(step: "watch", program: request.program, errno: (error as? IOError)?.errnoCode ?? EIO)
        }
    }

    /// Ends the warden process; every child has been waited for.
    package func close() async {
        guard let ended = process.withLock({ $0.take() }) else { return }
        shutdown(ended.socket, Int32(SHUT_WR))
        Offspring.wake(warden: ended.pid, isLast: false)
        let limit = group.next().scheduleTask(in: Self.endLimit) { Offspring.end(warden: ended.pid) }
        defer { limit.cancel() }
        do {
            let channel = try await NIOPipeBootstrap(group: group)
                .takingOwnershipOfDescriptor(input: ended.socket).get()
            try await channel.closeFuture.get()
        } catch {
            // Without an event loop there is no way to wait for the end of the socket, so it is ended by force.
            Glibc.close(ended.socket)
        }
        Offspring.bury(warden: ended.pid)
    }

    /// Reaps every child of this process that has ended, and kills what a dead warden or keeper left behind.
    ///
    /// To be called on SIGCHLD: once there is a warden, this process adopts what its descendants leave behind.
    package static func reapStrays() {
        Offspring.reap()
    }

    // MARK: Requests

    private func send(
        _ descriptors: inout SpawnDescriptors,
        of request: SpawnRequest,
        exit: EventLoopPromise<Void>,
        receive: @escaping @Sendable (ProcessEvent) -> Void
    ) async throws -> RunningKeeper {
        let eventLoop = exit.futureResult.eventLoop
        let keeper: RunningKeeper
        do {
            keeper = try await RunningKeeper.open(
                descriptors.keeper,
                running: request.program,
                exit: exit,
                on: eventLoop,
                wakeWarden: { [self] in wake(isLast: $0) },
                receive: receive
            )
            descriptors.release(descriptors.keeper)
        } catch {
            exit.succeed(())
            throw error
        }
        // When this fails, the other end is closed here, and with it the channel.
        try await deliver(descriptors.sent, on: eventLoop)
        descriptors.closeSent()
        return keeper
    }

    /// Starts to read the output of a program that runs: not before, because that would hold up its keeper where both
    /// share a processor.
    private func open(
        _ descriptors: inout SpawnDescriptors,
        of request: SpawnRequest,
        exit: EventLoopPromise<Void>,
        keeper: inout RunningKeeper
    ) async throws {
        guard case .lines(let receiver) = request.output else { return }
        do {
            for (pipe, isError) in zip(descriptors.pipes, [false, true]) {
                let reader = try await OutputPipe.open(
                    pipe,
                    isError: isError,
                    to: receiver,
                    on: exit.futureResult.eventLoop,
                    exit: exit.futureResult
                )
                descriptors.release(pipe)
                keeper.outputs.append(reader)
            }
        } catch {
            keeper.send(.kill)
            _ = await keeper.end()
            throw error
        }
    }

    /// Sends a request to the warden, which is started when there is none.
    private func deliver(_ descriptors: [Int32], on eventLoop: any EventLoop) async throws {
        for _ in 0..<Self.patience {
            let error = process.withLock { process in
                let error = ensure(&process)
                guard error == 0, let socket = process?.socket else { return error }
                let result = cwarden_send(socket, descriptors, Int32(descriptors.count))
                guard result == EPIPE || result == ECONNRESET else { return result }
                forget(&process)
                return EAGAIN
            }
            switch error {
            case 0: return
            // The queue is full, or too many descriptors are on their way (unix(7)): the warden is about to read.
            case EAGAIN, ETOOMANYREFS, ENOBUFS:
                try await eventLoop.scheduleTask(in: .milliseconds(1)) {}.futureResult.get()
            default: throw KernelError(errno: error)
            }
        }
        throw KernelError(errno: ETIMEDOUT)
    }

    /// Starts a warden when there is none, and returns 0 or an errno.
    private func ensure(_ process: inout Process?) -> Int32 {
        guard process == nil else { return 0 }
        var ends: [Int32] = [-1, -1]
        let error = ends.withUnsafeMutableBufferPointer { cwarden_socket_pair($0.baseAddress) }
        guard error == 0 else { return error }
        defer { Glibc.close(ends[1]) }
        switch Offspring.startWarden(executable, socket: ends[1], adopting: adoptsOrphans) {
        case .success(let pid):
            process = Process(pid: pid, socket: ends[0])
            return 0
        case .failure(let error):
            Glibc.close(ends[0])
            return error.errno
        }
    }

    private func wake(isLast: Bool) {
        guard let pid = process.withLock({ $0?.pid }) else { return }
        Offspring.wake(warden: pid, isLast: isLast)
    }

    /// The next request goes to a warden that lives.
    private func forgetDead() {
        process.withLock { process in
            if let pid = process?.pid, Offspring.hasEnded(warden: pid) { forget(&process) }
        }
    }

    private func forget(_ process: inout Process?) {
        guard let dead = process.take() else { return }
        Glibc.close(dead.socket)
        Offspring.bury(warden: dead.pid)
    }
}
