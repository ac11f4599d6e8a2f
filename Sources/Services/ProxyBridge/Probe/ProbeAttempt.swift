import NIOCore
import ServiceConfiguration
import Supervision

/// One probe of one upstream: it ends when its connections have completely closed.
///
/// To be used on its event loop only.
final class ProbeAttempt {
    private let matter: ProbeQuestion.Matter
    private let opening: RouteOpening
    private let timer: LazyTimer
    private let refused: RefusedCredentials
    private let eventLoop: any EventLoop
    private let channels = Channels()

    /// What was dialled.
    private final class Channels {
        var closed: [EventLoopFuture<Void>] = []
    }

    private init(
        _ matter: ProbeQuestion.Matter,
        insisting insists: Bool,
        in tasks: TaskPool,
        contexts: TLSContexts,
        refused: RefusedCredentials,
        on eventLoop: any EventLoop
    ) {
        self.matter = matter
        self.refused = refused
        self.eventLoop = eventLoop
        timer = LazyTimer(eventLoop)
        let (snapshot, channels) = (matter.snapshot(contexts), channels)
        let owner = RouteOpening.Owner(
            tasks: tasks,
            adopt: { channels.closed.append($0.closeFuture) },
            passage: nil,
            timer: timer,
            eventLoop: eventLoop,
            refused: refused,
            insists: insists
        )
        opening = RouteOpening(matter.way(of: snapshot), of: snapshot, for: owner)
    }

    /// Asks, and waits for the answer and for the end of its connections.
    ///
    /// The attempt is a task of `tasks`; when that is cancelled, the answer is inconclusive.
    ///
    /// What is found out about the credential goes into the book; with `insists` a pause in there does not count.
    static func answer(
        to matter: ProbeQuestion.Matter,
        insisting insists: Bool,
        in tasks: TaskPool,
        contexts: TLSContexts,
        refused: RefusedCredentials,
        on eventLoop: any EventLoop
    ) async -> ProbeAnswer {
        await withCheckedContinuation { continuation in
            eventLoop.execute {
                let attempt = ProbeAttempt(
                    matter,
                    insisting: insists,
                    in: tasks,
                    contexts: contexts,
                    refused: refused,
                    on: eventLoop
                )
                attempt.start { continuation.resume(returning: $0) }
            }
        }
    }

    private func start(_ completed: @escaping (ProbeAnswer) -> Void) {
        timer.expired = { self.opening.timedOut() }
        opening.start { result in self.end(result, completed) }
    }

    private func end(_ result: Result<UpstreamLink, BridgeFailure>, _ completed: @escaping (ProbeAnswer) -> Void) {
        timer.stop()
        if case .success(let link) = result { link.close() }
        let judgement = ProbeAnswer.judge(
            result.map { _ in },
            mode: matter.mode,
            on: matter.upstream,
            isDialled: opening.facts.dialled != nil
        )
        if case .failure(.authentication(let refusal)) = result {
            refused.record(refusal, of: matter.upstream)
        } else if judgement == .accepted, matter.isAboutCredential {
            refused.recordSuccess(of: matter.upstream)
        }
        EventLoopFuture.andAllComplete(channels.closed, on: eventLoop).assumeIsolated().whenComplete { _ in
            completed(judgement)
        }
    }
}
