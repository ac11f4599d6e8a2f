import ArgumentParser
import ControlPlane

/// `supervisor confirm`: keeps the generation that is on trial.
struct Confirm: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "confirm",
        abstract: "Keep what `reload --confirm` has put on trial."
    )

    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        try VerdictRequest(request: .confirm, name: nil).run(control, output)
    }
}
