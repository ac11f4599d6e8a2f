/// What a person needs to know of a generation on trial.
enum TrialText {
    static func words(of trial: Probation) -> String {
        let time = Span.rough(trial.remainingSeconds)
        if let failure = trial.failure {
            return "generation \(trial.generation) failed its trial: \(failure); going back is tried again in \(time)"
        }
        if trial.needsConfirmation {
            return "generation \(trial.generation) is reverted in \(time): to keep it, run `supervisor confirm`"
        }
        return "generation \(trial.generation) is on trial for \(time): reverted when what changed gives up"
    }
}
