import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    @Suite struct Log {
        @Test(arguments: ["text", "json", "journal"])
        func `every line of the log has the form that the configuration names`(format: String) throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let services = "  echo: { type: echo, listen: \"127.0.0.1:\(port)\" }"
                let text = ConfigurationText(services).text.replacing("format: text", with: "format: \(format)")
                let daemon = try scenario.daemon(text: text)
                try daemon.awaitReady()
                let client = try ClientSocket(to: port)
                try client.echo("hello")
                client.close()
                try daemon.configure(text: text.replacing("listen:", with: "listne:"))
                #expect(try daemon.reload().contains("reload rejected"))
                #expect(try daemon.stop() == .exited(0))
                let lines = daemon.log.split(separator: "\n")
                #expect(lines.contains { $0.contains("echo") })
                for line in lines {
                    switch format {
                    case "json": #expect(try Self.isObject(line, scenario), "\(line)")
                    case "journal": #expect(line.wholeMatch(of: /<[0-7]>.+/) != nil, "\(line)")
                    default:
                        let form =
                            /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (debug|info|notice|warning|error|critical) .+/
                        #expect(line.wholeMatch(of: form) != nil, "\(line)")
                    }
                }
            }
        }

        /// Whether python reads a line as an object with the members that every entry has.
        private static func isObject(_ line: Substring, _ scenario: Scenario) throws -> Bool {
            let path = scenario.folder + "/line.json"
            try FileText.write(String(line), to: path)
            let program = "import json; e = json.load(open('\(path)')); assert {'time', 'level', 'message'} <= set(e)"
            return try ChildProcess.run(Command(Command.program("python3"), ["-c", program])) == .exited(0)
        }
    }
}
