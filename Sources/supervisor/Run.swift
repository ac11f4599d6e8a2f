import ArgumentParser
import Daemon

/// `supervisor run`, the default verb.
struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the services of a configuration file until shut down."
    )

    @OptionGroup var options: FileOptions

    func run() throws {
        throw ExitCode(CompositionRoot.run(file: options.config))
    }
}
