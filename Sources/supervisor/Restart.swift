import ArgumentParser
import ControlPlane

/// `supervisor restart`: runs services anew.
struct Restart: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart",
        abstract: "Stop services and start them again, and wait until they are ready."
    )

    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "A service, an instance or a group.", completion: .custom(NameCompletion.names))
    var name: String

    func run() throws {
        try VerdictRequest(request: .order(.restart, name), name: name).run(control, output)
    }
}
