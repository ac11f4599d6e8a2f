import ArgumentParser
import ControlPlane
import ServiceConfiguration

/// `supervisor reload`: loads the file again, and waits for the verdict.
struct Reload: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Load the configuration file again as one transaction, and wait until it is ready.",
        discussion: """
            The exit code is 0 when it was applied or nothing changed, 65 when the configuration is wrong, 69 when \
            something could not be had, 70 when it was reverted, 75 when another load is being prepared.
            """
    )

    /// A person who needs longer than a day has gone home.
    private static let range = Duration.seconds(1)...Duration.seconds(86_400)

    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    @Option(help: "Revert after this time (such as 60s or 5m) unless `supervisor confirm` comes before.")
    var confirm: String?

    private var trial: Duration? { confirm.flatMap(Scalars.duration) }

    func validate() throws {
        guard let confirm else { return }
        guard let trial, Self.range.contains(trial) else {
            throw ValidationError("cannot use `\(confirm)` as a time: write 1s to 24h, such as 60s")
        }
    }

    func run() throws {
        let seconds = trial.map { Int64($0 / .seconds(1)) }
        try VerdictRequest(request: .reload(confirmSeconds: seconds), name: nil).run(control, output)
    }
}
