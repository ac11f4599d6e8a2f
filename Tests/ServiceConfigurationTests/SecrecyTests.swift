import ServiceConfiguration
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SecrecyTests {
    private static let text = """
        upstreams:
          a: {url: "http://proxy.example:1", username: alice, password: \(Reading.canary)}
          b: {url: "http://\(Reading.canary):\(Reading.canary)@proxy.example:1"}
          c:
            url: http://proxy.example:1
            username: "${env:PROXY_USER}"
            password: "${env:PROXY_PASSWORD}"
        services:
          a: {type: proxy-bridge, listen: 127.0.0.1:1, upstream: a}
          b: {type: proxy-bridge, listen: 127.0.0.1:2, upstream: b}
          c: {type: proxy-bridge, listen: 127.0.0.1:3, upstream: c}
          d: {type: process, command: [x, \(Reading.canary)], ready: {log: x}}
          e:
            type: process
            command:
              - y
              - --password=\(Reading.canary)
            environment:
              A: \(Reading.canary)
        pools:
          p:
            members:
              - {url: "http://\(Reading.canary):\(Reading.canary)@proxy.example:1"}
        """

    @Test
    func `no form of a configuration shows a secret`() throws {
        let configuration = try Reading.configuration(Self.text)
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!dumped.contains(Reading.canary))
        #expect(!"\(configuration)".contains(Reading.canary))
        #expect(!String(reflecting: configuration).contains(Reading.canary))
        #expect(!"\(configuration.services.map(\.kind))".contains(Reading.canary))
    }

    /// Whatever single character is lost or put in, the report keeps the secret.
    @Test(arguments: ["", "x", ":", "\"", "\n", "{"])
    func `no mistake makes a report show a secret`(insertion: String) throws {
        let scalars = Array(Self.text.unicodeScalars)
        let secret = Array(Reading.canary.unicodeScalars)
        // Inside the secret itself a mutation makes another text of it.
        let starts = scalars.indices.filter { scalars[$0...].starts(with: secret) }
        for index in scalars.indices where !starts.contains(where: { ($0...$0 + secret.count).contains(index) }) {
            var mutated = String.UnicodeScalarView()
            mutated.append(contentsOf: scalars[..<index])
            mutated.append(contentsOf: insertion.unicodeScalars)
            mutated.append(contentsOf: scalars[(insertion.isEmpty ? index + 1 : index)...])
            let text = String(mutated)
            guard case .rejected(let diagnostics) = Reading.outcome(text) else { continue }
            let report = DiagnosticReport(diagnostics, sources: [Reading.source(text)])
            #expect(!report.text.contains(Reading.canary), "\(report.text)")
            #expect(!report.json.contains(Reading.canary), "\(report.json)")
        }
    }

    @Test(arguments: [
        "    pasword: hunter2-canary", "    Password: hunter2-canary", "    proxy_token: hunter2-canary",
        "    foo: hunter2-canary", "    foo: [hunter2-canary]", "    foo: {hunter2-canary}",
        "    password:\n      hunter2-canary",
        "    password: >\n      hunter2-canary", "    password:\n      - hunter2-canary", "    hunter2-canary",
        "    password:\n    - hunter2-canary", "    url: http://a:hunter2-canary@h:1",
        "    'password' : hunter2-canary",
        "    to: http://a:hunter2-canary@h:1", "    password: \"a\n      level: hunter2-canary\"",
    ])
    func `a line is shown up to what may be a secret`(lines: String) {
        let source = Reading.source("upstreams:\n  a:\n\(lines)\n", file: "f")
        for number in 1...5 {
            let position = SourcePosition(file: "f", line: number, column: 8)
            let report = DiagnosticReport([Diagnostic(at: position, "cannot")], sources: [source])
            #expect(!report.text.contains(Reading.canary), "\(report.text)")
        }
    }
}
