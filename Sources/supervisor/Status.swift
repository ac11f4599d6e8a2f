import ArgumentParser
import ControlPlane

/// `supervisor status`: the tree.
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the daemon, its services and groups as a tree.",
        discussion: "IN/S and OUT/S are bytes per second from and to clients."
    )

    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    @Flag(name: [.short, .long], help: "Refresh every second, until interrupted.")
    var watch = false

    @Argument(help: "A service, an instance or a group; without it all.", completion: .custom(NameCompletion.names))
    var name: String?

    func run() throws {
        try control.ask(about: name, json: output.json) { client in
            let first = try report(client)
            guard watch else { return try Output.write(first.text(output.style)) }
            try StatusWatch(control: control, output: output) { try report($0) }.run(first)
        }
    }

    private func report(_ client: ControlClient) throws -> StatusWatch.Report {
        let answer = try client.answer(Snapshot.self, to: .status)
        guard let name else { return StatusWatch.Report(answer.value, json: output.json ? answer.text : nil) }
        guard let part = answer.value.selecting(name) else {
            throw ControlFailure.refused(KnownNames(answer.value).refusal(of: name))
        }
        return StatusWatch.Report(part, json: output.json ? try JSONFormat.line(part) : nil)
    }
}
