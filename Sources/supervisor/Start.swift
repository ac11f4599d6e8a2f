import ArgumentParser
import ControlPlane

/// `supervisor start`: starts services that were stopped by hand or have failed.
struct Start: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start services, and wait until they are ready."
    )

    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "A service, an instance or a group.", completion: .custom(NameCompletion.names))
    var name: String

    func run() throws {
        try VerdictRequest(request: .order(.start, name), name: name).run(control, output)
    }
}
