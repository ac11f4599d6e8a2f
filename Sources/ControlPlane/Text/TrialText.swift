/// What a person needs to know of a generation on trial.
enum TrialText {
    static func words(of trial: Probation) -> String {
        let time = Span.rough(trial.remainingSeconds)
        if trial.needsConfirmation {
            return "generation \(trial.generation) is reverted in \(time): to keep it, run `supervisor confirm`"
        }
        return "generation \(trial.generation) is on trial for \(time): reverted when what changed gives up"
    }
}
