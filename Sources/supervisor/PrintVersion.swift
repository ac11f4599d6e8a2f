import ArgumentParser

/// `supervisor version`.
struct PrintVersion: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    @Flag(help: "Print the version as JSON.")
    var json = false

    func run() {
        print(json ? "{\"version\":\"\(Version.text)\"}" : "supervisor \(Version.text)")
    }
}
