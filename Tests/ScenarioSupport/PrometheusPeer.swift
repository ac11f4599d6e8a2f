/// A real Prometheus that reads one target twice a second.
package final class PrometheusPeer {
    private let port: UInt16
    private let folder: String
    private let program: ForegroundProgram

    package init(folder: String, target: UInt16) throws {
        self.folder = folder
        port = try Ports.reserve()
        try FileText.write(
            """
            global: { scrape_interval: 500ms, scrape_timeout: 500ms }
            scrape_configs:
              - { job_name: supervisor, static_configs: [{ targets: ["127.0.0.1:\(target)"] }] }

            """,
            to: folder + "/prometheus.yml"
        )
        program = try ForegroundProgram(
            "prometheus",
            [
                "--config.file=\(folder)/prometheus.yml", "--storage.tsdb.path=\(folder)/data",
                "--web.listen-address=127.0.0.1:\(port)",
            ],
            port: port,
            folder: folder
        )
    }

    package func stop() {
        program.stop()
    }

    /// The value of an expression that has one; nil when it has none yet.
    package func value(of expression: String) throws -> String? {
        let answer = try get("/api/v1/query", "query=" + expression)
        guard let start = answer.firstRange(of: "\"value\":[")?.upperBound,
            let value = answer[start...].prefix(while: { $0 != "]" }).split(separator: "\"").last
        else { return nil }
        return String(value)
    }

    /// What it answers at a path.
    package func get(_ path: String, _ query: String = "") throws -> String {
        let output = folder + "/answer"
        try FileText.write("", to: output)
        let command = try Command(
            Command.program("curl"),
            [
                "--silent", "--noproxy", "*", "--max-time", "10", "--get", "--data-urlencode", query,
                "http://127.0.0.1:\(port)\(path)",
            ],
            outputPath: output
        )
        let status = try ChildProcess.run(command)
        guard status == .exited(0) else { throw ScenarioFailure("cannot ask Prometheus for \(path): \(status)") }
        return try FileText.read(output)
    }
}
