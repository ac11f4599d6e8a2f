import ScenarioSupport
import Testing

extension ReleaseBinary {
    /// What the daemon answers is what the published schema promises.
    @Suite struct Schema {
        @Test func `every answer of a tree with troubles is one of the schema`() throws {
            try Scenario.run { scenario in
                var schema = try SchemaValidator(testFile: #filePath, folder: scenario.subfolder("answers"))
                let tree = try TroubledTree(in: scenario)
                func ask(_ definition: String, _ words: String..., code: Int32 = 0) throws {
                    let answer = try tree.daemon.command(words + ["--json"])
                    #expect(answer.code == code, "\(words): \(answer)")
                    try schema.add(answer.output, as: definition)
                }
                try ask("Snapshot", "status")
                try ask("Snapshot", "status", "pair")
                try ask("ConnectionList", "connections")
                try ask("UpstreamList", "upstreams")
                try ask("VerdictDocument", "reload")
                try tree.configure(limit: 77, seconds: 1_001)
                try ask("VerdictDocument", "plan", "--all")
                try ask("VerdictDocument", "reload", "--confirm", "60s")
                try ask("Snapshot", "status")
                try ask("VerdictDocument", "confirm")
                for order in ["stop", "start", "restart"] { try ask("VerdictDocument", order, "web") }
                try ask("RotationDocument", "rotate", "bridge")
                try ask("RotationDocument", "rotate", "open", code: 69)

                let taken = try Ports.reserve()
                let foreign = try ForeignListener(port: taken, folder: scenario.folder)
                scenario.atEnd { foreign.release() }
                try tree.configure(more: "  late: { type: echo, listen: \"127.0.0.1:\(taken)\" }")
                try ask("VerdictDocument", "plan")
                try ask("VerdictDocument", "reload", code: 69)
                try tree.configure(more: "  late: { type: ecco }")
                try ask("VerdictDocument", "plan", code: 65)
                try ask("VerdictDocument", "reload", code: 65)
                for (path, method) in [("services/nobody/stop", "POST"), ("confirm", "POST"), ("nowhere", "GET")] {
                    try schema.add(try Self.refusal(path, method, of: tree.daemon), as: "Refusal")
                }
                try ask("Snapshot", "status")
                try ask("EventRecord", "events")
                #expect(try schema.faults() == "")
            }
        }

        /// The command prints a refusal as a line for persons; its JSON is on the socket.
        private static func refusal(_ path: String, _ method: String, of daemon: DaemonProcess) throws -> String {
            let output = daemon.folder + "/refusal"
            try FileText.write("", to: output)
            let socket = daemon.folder + "/supervisor/control.sock"
            let command = try Command(
                Command.program("curl"),
                ["--silent", "--request", method, "--unix-socket", socket, "http://localhost/v1/" + path],
                outputPath: output
            )
            guard try ChildProcess.run(command) == .exited(0) else { throw ScenarioFailure("cannot ask for \(path)") }
            return try FileText.read(output)
        }
    }
}
