import ArgumentParser
import Daemon
import ServiceConfiguration

/// `supervisor check`: every diagnostic of a configuration file.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Print every diagnostic of a configuration file; bind nothing.",
        discussion: "The exit code is 78 when there is a diagnostic, otherwise 0."
    )

    @OptionGroup var options: FileOptions

    @Flag(help: "Print the diagnostics as JSON.")
    var json = false

    func validate() throws { try options.check() }

    func run() throws {
        let reading = ConfigurationReader(surroundings: Environment.surroundings).read(options.file)
        switch reading.outcome {
        case .rejected(let diagnostics):
            let report = DiagnosticReport(diagnostics, sources: reading.sources)
            print(json ? report.json : report.text, terminator: "")
            throw ExitCode(Daemon.ExitCode.configuration)
        case .accepted(let configuration):
            if json {
                print(DiagnosticReport([], sources: []).json, terminator: "")
            } else {
                let (services, files) = (configuration.services.count, reading.sources.count)
                let count = "\(services) \(services == 1 ? "service" : "services")"
                print("\(options.file): no diagnostics, \(count)" + (files > 1 ? " in \(files) files" : ""))
            }
        }
    }
}
