import ArgumentParser
import ControlPlane

/// `supervisor rotate`: moves bridges to other members of their pools.
struct Rotate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Move proxy bridges to other members of their pools.",
        discussion: "The exit code is 69 when none has moved, 75 when a load is under way."
    )

    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "A service, an instance or a group.", completion: .custom(NameCompletion.names))
    var name: String

    func run() throws {
        try control.ask(about: name, json: output.json) { client in
            let answer = try client.answer(RotationDocument.self, to: .rotate(name))
            if output.json {
                try Output.write(answer.text + "\n")
            } else {
                try Output.write(lines: RotationText.lines(answer.value, style: output.style))
            }
            let code = answer.value.exitCode
            if code != 0 { throw ExitCode(code) }
        }
    }
}
