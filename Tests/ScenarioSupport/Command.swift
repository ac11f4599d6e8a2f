/// A program with its arguments, its complete environment and the files that take its output.
package struct Command: Sendable {
    package var path: String
    package var arguments: [String]
    package var environment: [String: String]
    package var directory: String
    package var outputPath: String
    package var errorPath: String

    package init(
        _ path: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        directory: String = "/",
        outputPath: String = "/dev/null",
        errorPath: String = "/dev/null"
    ) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.outputPath = outputPath
        self.errorPath = errorPath
    }

    /// The full path of a program of the machine.
    package static func program(_ name: String) throws -> String {
        let folders = ["/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/local/bin"]
        guard let folder = folders.first(where: { FileText.names(in: $0).contains(name) }) else {
            throw ScenarioFailure("cannot find \(name): install it with `make deps`")
        }
        return folder + "/" + name
    }
}
