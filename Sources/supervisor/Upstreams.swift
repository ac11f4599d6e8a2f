import ArgumentParser
import ControlPlane

/// `supervisor upstreams`: which bridge goes out by what.
struct Upstreams: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upstreams",
        abstract: "List the upstreams in use, and the pools."
    )

    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        try control.ask(json: output.json) { client in
            let answer = try client.answer(UpstreamList.self, to: .upstreams)
            if output.json { return try Output.write(answer.text + "\n") }
            try Output.write(lines: UpstreamsText.lines(answer.value, style: output.style))
        }
    }
}
