import ArgumentParser
import ControlPlane

/// `supervisor events`: what has happened, and what happens.
struct Events: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Print the last 1,000 events, and with --follow those that come.",
        discussion: "With --json each event is one line of JSON."
    )

    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    @Flag(name: [.short, .long], help: "Wait for more, until the daemon ends.")
    var follow = false

    func run() throws {
        try control.ask(json: output.json) { client in
            try client.lines(EventRecord.self, of: .events(follow: follow)) { line, event in
                if output.json { return try Output.write(line + "\n") }
                let lines = EventText.lines(event, wraps: Terminal() != nil, style: output.style)
                try Output.write(lines: lines)
            }
            if follow { Output.say("the daemon has ended") }
        }
    }
}
