import ArgumentParser
import ControlPlane

/// `supervisor connections`: who is connected.
struct Connections: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connections",
        abstract: "List the open connections, the oldest first.",
        discussion: "IN and OUT are bytes from and to the client."
    )

    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "A service, an instance or a group; without it all.", completion: .custom(NameCompletion.names))
    var name: String?

    func run() throws {
        try control.ask(about: name, json: output.json) { client in
            let answer = try client.answer(ConnectionList.self, to: .connections(of: name))
            if output.json { return try Output.write(answer.text + "\n") }
            try Output.write(lines: ConnectionsText.lines(answer.value, style: output.style))
        }
    }
}
