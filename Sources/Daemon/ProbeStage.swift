import ControlPlane
import Logging
import Services

/// The last part of a staging: asks the upstreams, when everything that is at hand is there.
///
/// A load that fails anyway sends no credential to anybody.
struct ProbeStage: Sendable {
    let catalogue: Catalogue
    let explain: AcquisitionExplanation
    let log: Logger

    /// Asks for all bridges that need it; ends early when the load is called off.
    ///
    /// - Returns: Which upstreams are in the way, each once.
    func run(_ next: NextState, callOff: CallOff) async -> [LoadError] {
        let questions = next.questions(with: catalogue)
        guard !questions.isEmpty, let answers = await answers(to: questions, callOff: callOff) else { return [] }
        var errors: [LoadError] = []
        var told: Set<String> = []
        for (question, answer) in zip(questions, answers) {
            switch answer {
            case .accepted: continue
            case .rejected(let reason):
                let error = explain.error(for: question, reason)
                if next.mayReject(question) {
                    if told.insert("\(error.position.map { "\($0)" } ?? "")\(reason)").inserted { errors.append(error) }
                } else {
                    log.warning("\(error)", metadata: ["service": "\(question.service)"])
                }
            case .unreachable(let word), .inconclusive(let word):
                let upstream = question.upstreamID
                guard told.insert("\(upstream) \(word)").inserted else { continue }
                log.notice(
                    "cannot tell whether the upstream `\(upstream)` of `\(question.service)` can be used: \(word)",
                    metadata: ["service": "\(question.service)", "upstream": "\(upstream)", "error": "\(word)"]
                )
            }
        }
        return errors
    }

    private func answers(to questions: [ProbeQuestion], callOff: CallOff) async -> [ProbeAnswer]? {
        await withTaskGroup(of: [ProbeAnswer]?.self) { group in
            group.addTask { await catalogue.answers(to: questions) }
            group.addTask {
                await callOff.requested()
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }
}
