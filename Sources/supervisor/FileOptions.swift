import ArgumentParser

/// The option that names the configuration file.
struct FileOptions: ParsableArguments {
    @Option(name: [.short, .long], help: "The configuration file, in the format of services.yaml(5).")
    var config: String
}
