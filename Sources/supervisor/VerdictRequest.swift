import ArgumentParser
import ControlPlane

/// A request that is answered by a verdict: waits for it, prints it, and ends with its exit code.
struct VerdictRequest {
    /// A wait that is over sooner needs no word.
    private static let interval = Duration.seconds(1)

    var request: ControlRequest
    /// The name that it is about.
    var name: String?

    func run(_ control: ControlOptions, _ output: OutputOptions) throws {
        try run(control, output) { VerdictText($0, style: $1).lines }
    }

    func run(
        _ control: ControlOptions,
        _ output: OutputOptions,
        _ lines: (VerdictDocument, TextStyle) -> [String]
    ) throws {
        try control.ask(about: name, json: output.json) { client in
            let progress = Progress(client)
            defer { progress.clear() }
            let watch = ControlClient.Watch(every: Self.interval) { progress.show(after: $0) }
            let answer = try client.answer(
                VerdictDocument.self,
                to: request,
                watch: request.silence == nil ? watch : nil
            )
            progress.clear()
            if output.json {
                try Output.write(answer.text + "\n")
            } else {
                try Output.write(lines: lines(answer.value, output.style))
            }
            if answer.value.exitCode != 0 { throw ExitCode(answer.value.exitCode) }
        }
    }
}
