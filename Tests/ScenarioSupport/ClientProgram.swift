import Glibc

/// A program of the machine as a client of a bridge, run to its end.
package struct ClientProgram: Sendable {
    private let folder: String

    package init(folder: String) {
        self.folder = folder
    }

    /// Runs a program and returns what it wrote; throws with it when the program fails.
    @discardableResult
    package func run(
        _ name: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        within limit: Duration = .seconds(40)
    ) throws -> String {
        let output = folder + "/client.out"
        try FileText.write("", to: output)
        // No word about proxies but the arguments', whatever the machine has set.
        var variables = ["PATH": "/usr/bin:/bin", "HOME": folder, "LC_ALL": "C.UTF-8"]
        variables.merge(environment) { $1 }
        let status = try ChildProcess.run(
            Command(
                Command.program(name),
                arguments,
                environment: variables,
                directory: folder,
                outputPath: output,
                errorPath: output
            ),
            within: limit
        )
        let text = try FileText.read(output)
        guard status == .exited(0) else { throw ScenarioFailure("cannot run \(name): \(status)\n\(text)") }
        return text
    }

    /// Runs a Python program, the text of which stands in the test.
    @discardableResult
    package func python(_ text: String, _ arguments: [String]) throws -> String {
        try FileText.write(text + "\n", to: folder + "/client.py")
        return try run("python3", [folder + "/client.py"] + arguments)
    }

    package func shell(_ text: String) throws -> String {
        try run("sh", ["-c", text])
    }
}
