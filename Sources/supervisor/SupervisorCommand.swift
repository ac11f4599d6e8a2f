import ArgumentParser

/// The command line: one verb, one type.
struct SupervisorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "supervisor",
        abstract: "Runs network services under a supervision tree.",
        discussion: """
            Without a verb the services of the configuration file run until SIGTERM. SIGHUP reloads the file as one \
            transaction.
            """,
        version: Version.text,
        subcommands: [Run.self, Check.self, Schema.self, PrintVersion.self],
        defaultSubcommand: Run.self
    )
}
