import ArgumentParser
import Daemon
import ServiceConfiguration

/// `supervisor check`: every diagnostic of a configuration file.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print every diagnostic of a configuration file; bind nothing.",
        discussion: "The exit code is 78 when there is a diagnostic, otherwise 0."
    )

    @OptionGroup var options: FileOptions

    @Flag(help: "Print the diagnostics as JSON.")
    var json = false

    func validate() throws { try options.check() }

    func run() throws {
        switch Environment.configurationFile(options.file) {
        case .success(let bytes): try report(on: bytes)
        case .failure(let problem):
            let start = SourcePosition(file: options.file, line: 1, column: 1)
            try reject([Diagnostic(at: start, "cannot read the configuration: \(problem.reason)")], source: [])
        }
    }

    private func report(on bytes: [UInt8]) throws {
        let reader = ConfigurationReader(surroundings: Environment.surroundings)
        switch reader.read(bytes, file: options.file) {
        case .rejected(let diagnostics): try reject(diagnostics, source: bytes)
        case .accepted(let configuration):
            if json {
                print(DiagnosticReport([], source: bytes).json, terminator: "")
            } else {
                let count = configuration.services.count
                print("\(options.file): no diagnostics, \(count) \(count == 1 ? "service" : "services")")
            }
        }
    }

    private func reject(_ diagnostics: [Diagnostic], source: [UInt8]) throws {
        let report = DiagnosticReport(diagnostics, source: source)
        print(json ? report.json : report.text, terminator: "")
        throw ExitCode(Daemon.ExitCode.configuration)
    }
}
