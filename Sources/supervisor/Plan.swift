import ArgumentParser
import ControlPlane
import Glibc

/// `supervisor plan`: what a reload would do.
struct Plan: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Print what a reload would do to each service, and why; change nothing.",
        discussion: "The exit code is 65 when the configuration is wrong."
    )

    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    @Option(
        name: [.short, .long],
        help: "A file to plan with in place of the daemon's own.",
        completion: .file(extensions: ["yaml", "yml"])
    )
    var config: String?

    @Flag(help: "Name also the services that would not be touched.")
    var all = false

    func run() throws {
        let file = try config.map(Self.absolute)
        try VerdictRequest(request: .plan(file: file), name: nil).run(control, output) {
            PlanText($0, showsAll: all, style: $1).lines
        }
    }

    /// The daemon has another working directory.
    private static func absolute(_ path: String) throws -> String {
        guard !path.hasPrefix("/") else { return path }
        guard let folder = getcwd(nil, 0) else {
            Output.say("cannot find the working directory: it is gone; name the file by its absolute path")
            throw ExitCode(69)
        }
        defer { free(folder) }
        return String(cString: folder) + "/" + path
    }
}
