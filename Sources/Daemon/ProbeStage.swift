import ControlPlane
import Logging
import Services
import Supervision

/// The last part of a staging: asks the upstreams, when everything that is at hand is there.
///
/// A load that fails anyway sends no credential to anybody.
struct ProbeStage: Sendable {
    let catalogue: Catalogue
    let explain: AcquisitionExplanation
    let log: Logger

    /// What came of it.
    struct Outcome: Sendable {
        /// Which upstreams are in the way, each once.
        var errors: [LoadError] = []
        /// The services whose upstream takes the credential.
        var accepted: [String] = []
    }

    /// Asks for all bridges that need it; ends early when the load is called off.
    func run(_ next: NextState, callOff: Signal) async -> Outcome {
        let questions = next.questions(with: catalogue)
        var outcome = Outcome()
        guard !questions.isEmpty, let answers = await answers(to: questions, callOff: callOff) else { return outcome }
        var told: Set<String> = []
        func failed(_ question: ProbeQuestion, _ reason: String) {
            let error = explain.error(for: question, reason)
            guard next.mayReject(question) else {
                return log.warning("\(error)", metadata: ["service": "\(question.service)"])
            }
            let place = error.position.map { "\($0)" } ?? ""
            if told.insert(place + reason).inserted { outcome.errors.append(error) }
        }
        for (question, answer) in zip(questions, answers) {
            switch answer {
            case .accepted: if question.isAboutCredential { outcome.accepted.append(question.service) }
            case .rejected(let reason): failed(question, reason)
            case .unusable(let word, let advice): failed(question, "\(word); \(advice)")
            case .unreachable(let word), .inconclusive(let word):
                let upstream = question.upstreamID
                guard told.insert("\(upstream) \(word)").inserted else { continue }
                log.notice(
                    "cannot tell whether the upstream `\(upstream)` of `\(question.service)` can be used: \(word)",
                    metadata: ["service": "\(question.service)", "upstream": "\(upstream)", "error": "\(word)"]
                )
            }
        }
        return outcome
    }

    private func answers(to questions: [ProbeQuestion], callOff: Signal) async -> [ProbeAnswer]? {
        await withTaskGroup(of: [ProbeAnswer]?.self) { group in
            group.addTask { await catalogue.answers(to: questions) }
            group.addTask {
                await callOff.wait()
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }
}
