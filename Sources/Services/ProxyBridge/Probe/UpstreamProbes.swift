import NIOCore
import ServiceConfiguration
import Supervision

/// Asks upstreams whether bridges can use them, before a load is committed.
struct UpstreamProbes: Sendable {
    /// Probes at a time: enough for a pool, and no flood.
    private static let atATime = 32
    /// For all of a load, so that it takes no longer than its user waits.
    ///
    /// Who was not asked by then is in nobody's way.
    private static let wholeTime = Duration.seconds(60)

    private typealias Answers = [ProbeQuestion.Matter: ProbeAnswer]

    let group: any EventLoopGroup
    let contexts: TLSContexts
    let refused: RefusedCredentials
    /// Ends probes in time.
    let clock: any Clock<Duration>

    /// Asks each different question once.
    ///
    /// - Returns: The answer to each question, in their order. A cancelled task gets what there is.
    func answers(to questions: [ProbeQuestion]) async -> [ProbeAnswer] {
        var seen: Set<ProbeQuestion.Matter> = []
        let matters = questions.map(\.matter).filter { seen.insert($0).inserted }
        let answers = await TaskPool.scope(name: "probes", clock: clock) { (tasks: TaskPool) async -> Answers in
            await ask(matters, in: tasks)
        }
        return questions.map { answers[$0.matter] ?? .inconclusive("not_asked") }
    }

    private func ask(_ matters: [ProbeQuestion.Matter], in tasks: TaskPool) async -> Answers {
        let time = TimeSource(clock)
        return await withTaskGroup(of: (ProbeQuestion.Matter, ProbeAnswer).self) { asked in
            var answers: Answers = [:]
            for (number, matter) in matters.enumerated() {
                if number >= Self.atATime, let (asked, answer) = await asked.next() { answers[asked] = answer }
                guard !Task.isCancelled, time.elapsed() < Self.wholeTime else { break }
                asked.addTask { (matter, await answer(to: matter, in: tasks)) }
            }
            for await (matter, answer) in asked { answers[matter] = answer }
            return answers
        }
    }

    private func answer(to matter: ProbeQuestion.Matter, in tasks: TaskPool) async -> ProbeAnswer {
        // Whoever loads wants to know now: the account may have been repaired at the provider.
        await ProbeAttempt.answer(
            to: matter,
            insisting: true,
            in: tasks,
            contexts: contexts,
            refused: refused,
            on: group.next()
        )
    }
}
