import ArgumentParser
import ServiceConfiguration

/// `supervisor schema`: the JSON Schema of services.yaml.
struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of services.yaml, for editors."
    )

    func run() {
        print(JSONSchema.text)
    }
}
