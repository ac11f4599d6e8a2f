import ArgumentParser
import ControlPlane

/// `supervisor stop`: stops services until they are started by hand.
struct Stop: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop services, until `supervisor start` or a new start of the daemon."
    )

    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "A service, an instance or a group.", completion: .custom(NameCompletion.names))
    var name: String

    func run() throws {
        try VerdictRequest(request: .order(.stop, name), name: name).run(control, output)
    }
}
