import Processes
import ServiceConfiguration
import Sockets
import Supervision

/// A process service that holds the sockets for its program; everything else that the program needs is known.
struct ProcessPreparation: ~Copyable, Preparation {
    private let request: SpawnRequest
    private let sockets: PassedSockets
    private let service: ProcessService

    init(_ request: SpawnRequest, sockets: consuming PassedSockets, service: ProcessService) {
        self.request = request
        self.sockets = sockets
        self.service = service
    }

    consuming func run(_ lifetime: consuming Lifetime) async -> Exit {
        let mailbox = ProcessMailbox()
        let rules = service.begin(mailbox)
        let request = complete(rules, mailbox)
        let run = ProcessRun(service: service, mailbox: mailbox, rules: rules, request: request)
        do throws(SpawnError) {
            let program = try await service.warden.spawn(request) { mailbox.send(ProcessInput($0)) }
            return await Self.live(program, sockets, lifetime, run)
        } catch {
            let stopped = lifetime.end(with: ReleasedProcess(notSpawned: error, sockets.close()))
            return .crashed(stopped, ProcessFailure(description: error.failureText))
        }
    }

    consuming func discard() async {
        _ = sockets.close()
    }

    private static func live(
        _ program: consuming ChildProcess,
        _ sockets: consuming PassedSockets,
        _ lifetime: consuming Lifetime,
        _ run: ProcessRun
    ) async -> Exit {
        run.service.note(pid: program.pid)
        let life = ProcessLife(program, sockets, lifetime, of: run)
        let exit = await life.run()
        run.service.note(pid: nil)
        return exit
    }

    /// The request with what is known only when it is made: descriptors, and who looks at the output.
    private borrowing func complete(_ rules: ProcessRules, _ mailbox: ProcessMailbox) -> SpawnRequest {
        var request = request
        request.sockets = zip(sockets.descriptors, service.socketNames).map { ($0, $1) }
        for socket in request.sockets { SocketMode.block(socket.descriptor) }
        request.notifies = rules.ready.fact == .notify || rules.watchdog != nil
        request.watchdog = rules.watchdog
        guard case .log(let text) = rules.ready.fact else { return request }
        let taker: any LineReceiver
        switch request.output {
        case .lines(let receiver): taker = receiver
        case .null, .inherit: taker = DiscardedOutput()
        }
        request.output = .lines(ReadyLineReceiver(text, base: taker) { mailbox.send(.lineMatched) })
        return request
    }
}
