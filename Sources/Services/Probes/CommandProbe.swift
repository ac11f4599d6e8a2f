import NIOCore
import Processes
import ServiceConfiguration
import Supervision

/// Runs a program that says by its exit code whether another one does well.
struct CommandProbe: Sendable {
    let warden: Warden
    private let base: SpawnRequest

    /// A probe under the conditions of the program that is asked about: user, folder, environment and limits.
    init(warden: Warden, like request: SpawnRequest) {
        self.warden = warden
        var base = request
        base.output = .null
        base.sockets = []
        base.notifies = false
        base.watchdog = nil
        self.base = base
    }

    func run(
        _ program: String,
        _ arguments: [Secret],
        timeout: Duration,
        on loop: any EventLoop
    ) async -> ProbeResult {
        let ended = loop.makePromise(of: Bool.self)
        var request = base
        let child: ChildProcess
        do {
            request.program = try search.find(program)
            request.arguments = [program] + arguments.map { $0.reveal { $0 } }
            child = try await warden.spawn(request) { event in
                if case .exited = event { ended.succeed(true) }
            }
        } catch {
            ended.succeed(false)
            return .bad(Self.text(error))
        }
        // The first of exit, timeout and cancellation counts.
        let timer = loop.scheduleTask(in: TimeAmount(timeout)) { ended.succeed(false) }
        let hasExited = await withTaskCancellationHandler {
            await Self.value(of: ended.futureResult)
        } onCancel: {
            ended.succeed(false)
        }
        timer.cancel()
        if !hasExited { child.kill() }
        let reaped = await child.wait()
        guard hasExited else { return .bad("\(program) did not end within \(timeout.words)") }
        return reaped.status == .code(0) ? .good : .bad("\(program) ended with \(reaped.status)")
    }

    private var search: ProgramSearch {
        let path = base.environment.first { $0.hasPrefix("PATH=") }?.dropFirst("PATH=".count)
        return ProgramSearch(
            path: path.map(String.init) ?? "",
            directory: base.directory,
            access: FileAccess(user: base.identity)
        )
    }

    private static func value(of future: EventLoopFuture<Bool>) async -> Bool {
        do {
            return try await future.get()
        } catch {
            // The event loop has ended.
            return false
        }
    }

    private static func text(_ error: any Error) -> String {
        if let error = error as? SpawnError { return error.failureText }
        return "\(error)"
    }
}
