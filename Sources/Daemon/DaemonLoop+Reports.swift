import ControlPlane
import Logging
import Planning
import ServiceConfiguration

/// What the log and the service manager hear of loads.
extension DaemonLoop {
    func report(_ verdict: Verdict, of request: LoadRequest, isFirst: Bool, isStarted: Bool) {
        if isFirst, verdict.outcome == .rejected {
            // Nothing runs: these lines are the answer to whoever started the command.
            for error in verdict.errors { sink.print("\(error)") }
            return
        }
        let generation: Logger.MetadataValue = "\(verdict.generation)"
        switch verdict.outcome {
        case .rejected:
            for error in verdict.errors { log.error("\(error)", metadata: ["generation": generation]) }
            log.error("\(request.words) rejected, nothing changed", metadata: ["generation": generation])
        case .reverted: log.error("\(request.words) \(verdict)", metadata: ["generation": generation])
        case .applied, .unchanged, .calledOff, .busy, .planned:
            let level = verdict.isDegraded ? Logger.Level.warning : .notice
            log.log(level: level, "\(request.words) \(verdict)", metadata: ["generation": generation])
        }
        if verdict.outcome == .applied, isFirst || verdict.plan?.settings.contains("status.listen") == true,
            let warning = state.configuration.status?.warning
        {
            log.warning("\(warning)", metadata: ["generation": generation])
        }
        // After STOPPING=1 the service manager must not hear that the daemon is ready.
        guard !core.isEnding else { return }
        let status = statusText(verdict, of: request, isFirst: isFirst)
        if isStarted { notifier.ready(status: status) } else { notifier.status(status) }
    }

    /// The last essential service has become ready after the first load.
    func announceStart(_ readiness: Readiness) {
        guard !core.isEnding else { return }
        log.notice("ready: \(readiness)", metadata: ["generation": "\(state.generation)"])
        notifier.ready(status: "generation \(state.generation): \(readiness)")
    }

    private func statusText(_ verdict: Verdict, of request: LoadRequest, isFirst: Bool) -> String {
        let text = isFirst ? verdict.readiness.map { "\($0)" } : nil
        return "generation \(verdict.generation): \(text ?? "\(request.words) \(verdict)")"
    }
}

extension LoadRequest {
    /// One line names so many services.
    private static let namedServices = 5

    /// `start`, `reload`, `stop bridge@0 bridge@1` or `reversal`.
    var words: String {
        switch goal {
        case .file: return cause == .start ? "start" : "reload"
        case .reversal: return "reversal"
        case .order(let order, let services):
            let rest = services.count - Self.namedServices
            let names = services.prefix(Self.namedServices) + (rest > 0 ? ["and \(rest) more"] : [])
            return "\(order.rawValue) \(names.joined(separator: " "))"
        }
    }
}

extension Verdict {
    /// The exit code when this was the daemon's first load and there is nothing to go on with.
    var startFailure: Int32 {
        switch outcome {
        case .applied, .unchanged, .calledOff, .reverted, .busy, .planned: ExitCode.done
        case .rejected: exitCode == 65 ? ExitCode.configuration : ExitCode.unavailable
        }
    }
}
