import ArgumentParser

/// The option that names the configuration file.
struct FileOptions: ParsableArguments {
    /// Optional only for the parser, which would complain of its absence before it complains of a wrong word.
    @Option(
        name: [.short, .long],
        help: "The configuration file, in the format of services.yaml(5).",
        completion: .file(extensions: ["yaml", "yml"])
    )
    var config: String?

    /// The configuration file, as the user named it.
    var file: String { config ?? "" }

    /// Throws when there is no file; the verbs call it from their own validation.
    func check() throws {
        if file.isEmpty { throw ValidationError("cannot do without a configuration file: add `-c FILE`") }
    }
}
