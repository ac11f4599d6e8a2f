import ArgumentParser

/// The command line: one verb, one type.
///
/// Each verb writes its name: to derive the names from the types costs every call 5 ms, a third of `status`.
struct SupervisorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "supervisor",
        abstract: "Runs network services under a supervision tree.",
        discussion: """
            Without a verb the services of the configuration file run until SIGTERM. SIGHUP reloads the file as one \
            transaction.
            """,
        version: Version.text,
        groupedSubcommands: [
            CommandGroup(name: "File", subcommands: [Run.self, Check.self, Schema.self, PrintVersion.self]),
            CommandGroup(
                name: "Seeing",
                subcommands: [Status.self, Connections.self, Events.self, Upstreams.self]
            ),
            CommandGroup(
                name: "Steering",
                subcommands: [
                    Plan.self, Reload.self, Confirm.self, Start.self, Stop.self, Restart.self, Rotate.self,
                ]
            ),
        ],
        defaultSubcommand: Run.self
    )
}
