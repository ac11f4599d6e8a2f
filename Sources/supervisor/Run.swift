import ArgumentParser
import Daemon

/// `supervisor run`, the default verb.
struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run the services of a configuration file until shut down."
    )

    @OptionGroup var options: FileOptions

    @Flag(
        help: ArgumentHelp(
            "Reload when a file of the configuration changes.",
            discussion: "Also a file that it includes or refers to. A configuration that is wrong changes nothing."
        )
    )
    var watchConfig = false

    /// A word that is no verb ends up here, because this verb is the default.
    @Argument(help: .hidden)
    var words: [String] = []

    func validate() throws {
        if let word = words.first {
            throw ValidationError("cannot run `\(word)`: it is not a verb; `supervisor help` lists them")
        }
        try options.check()
    }

    func run() throws {
        throw ExitCode(
            CompositionRoot.run(file: options.file, version: Version.text, watchesFiles: watchConfig)
        )
    }
}
