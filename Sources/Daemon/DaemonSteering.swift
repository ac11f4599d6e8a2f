import ControlPlane

/// The door from the control plane to the daemon's loop.
struct DaemonSteering: Steering {
    let events: EventJournal
    private let feed: AsyncStream<DaemonLoop.Happening>.Continuation
    private let identity: DaemonIdentity

    init(
        events: EventJournal,
        feed: AsyncStream<DaemonLoop.Happening>.Continuation,
        identity: DaemonIdentity
    ) {
        self.events = events
        self.feed = feed
        self.identity = identity
    }

    func snapshot() async -> Snapshot {
        await withCheckedContinuation { ask(.snapshot($0)) }
    }

    func connections(of name: String?) async throws -> ConnectionList {
        try await withCheckedContinuation { ask(.connections(name, $0)) }.get()
    }

    func reload(confirmWithin: Duration?) async throws -> VerdictDocument {
        try await withCheckedContinuation { ask(.reload(confirmWithin: confirmWithin, $0)) }.get()
    }

    func confirm() async throws -> VerdictDocument {
        try await withCheckedContinuation { ask(.confirm($0)) }.get()
    }

    func plan(file: String?) async throws -> VerdictDocument {
        try await withCheckedContinuation { ask(.plan(file: file, $0)) }.get()
    }

    func order(_ order: Order, _ name: String) async throws -> VerdictDocument {
        try await withCheckedContinuation { ask(.order(order, name, $0)) }.get()
    }

    func rotate(_ name: String) async throws -> RotationDocument {
        try await withCheckedContinuation { ask(.rotate(name, $0)) }.get()
    }

    private func ask(_ question: Question) {
        switch feed.yield(.ask(question)) {
        case .enqueued: break
        case .dropped, .terminated: question.answerTooLate(identity)
        @unknown default: question.answerTooLate(identity)
        }
    }
}

extension Question {
    /// The daemon's loop has ended: nobody else will answer.
    func answerTooLate(_ identity: DaemonIdentity) {
        let refusal = Refusal(.ending, "cannot do that any more: the daemon has ended; start it again")
        switch self {
        case .snapshot(let reply):
            var daemon = identity.status
            daemon.state = .draining
            daemon.unreadyReason = "the daemon has ended"
            reply.resume(returning: Snapshot(daemon: daemon))
        case .connections(_, let reply): reply.resume(returning: .failure(refusal))
        case .reload(_, let reply), .order(_, _, let reply), .confirm(let reply), .plan(_, let reply):
            reply.resume(returning: .failure(refusal))
        case .rotate(_, let reply): reply.resume(returning: .failure(refusal))
        }
    }
}
