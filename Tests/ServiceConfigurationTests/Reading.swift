import Glibc
import ServiceConfiguration
import Testing

/// Reads texts and files of the tests as the daemon would.
enum Reading {
    /// A password that must not come out anywhere.
    static let canary = "hunter2-canary"

    static let surroundings = Surroundings(
        variable: { name in
            [
                "PROXY_USER": "alice", "PROXY_PASSWORD": canary, "BRIDGE_PASSWORD": canary, "EMPTY": "", "PORT": "7020",
                "NESTED": "${env:PORT}",
                "BREAK": "\(canary)\n", "COLON": "\(canary):x", "BAD": "\(canary) no address",
            ][name]
        },
        file: { path in
            switch path {
            case "etc/password": .success(Array("\(canary)\n".utf8))
            case "etc/app.env": .success(Array(variables.utf8))
            case "etc/broken.env": .success(Array("A=b\n\nexport C=\(canary)\n".utf8))
            case "etc/lines.env": .success(Array("A\nB=1\nC='x\nD\nE=\\\nF\n".utf8))
            case "etc/quotes.env": .success(Array("# one\nA='\(canary)\n".utf8))
            case "/run/nul": .success([0x61, 0])
            case "/run/two-lines": .success(Array("\(canary)\n\n".utf8))
            case "/run/binary": .success([0xff, 0xfe])
            case "/run/huge": .success(Array(repeating: 0x61, count: 65_537))
            case "/run/full": .success(Array(repeating: 0x61, count: 65_536))
            case "etc/ca.pem": .success(Array("ca".utf8))
            case "/tls/cert.pem": .success(Array("cert".utf8))
            case "/tls/key.pem": .success(Array("\(canary) key".utf8))
            case "/tls/broken.pem": .success(Array("broken".utf8))
            case "/tls/large.pem": .success(Array(repeating: 0x61, count: 1_048_577))
            case "/run/closed": .failure(Surroundings.FileProblem("permission denied"))
            case _: .failure(Surroundings.FileProblem("no such file or directory"))
            }
        },
        source: { _ in .failure(Surroundings.FileProblem("no such file or directory")) },
        names: { _ in .success(nil) },
        tlsProblem: { tls in
            let broken = Array("broken".utf8)
            if tls.authorities == broken { return .authorities }
            if tls.identity?.certificates == broken { return .certificate }
            if tls.identity?.key == Secret("broken") { return .key }
            if tls.identity?.key == Secret("cert") { return .pair }
            return tls.serverName == "nowhere.test" ? .system : nil
        }
    )

    /// A file of variables with every form that a line can have.
    static let variables = """
        # comment
        ; comment

        PLAIN=a b # c
          INDENTED = x\r
        EMPTY=
        SINGLE='a "b" \\ c '
        DOUBLE="a 'b' \\"c\\" \\$d \\e"
        ESCAPED=a\\ \\"b
        TWICE=1
        TWICE=2
        PASSWORD=\(canary)
        """

    static func outcome(_ text: String) -> ConfigurationReader.Outcome {
        ConfigurationReader(surroundings: surroundings).read(source(text)).outcome
    }

    /// The file that all texts of the tests are.
    static func source(_ text: String, file: String = "etc/services.yaml") -> Source {
        Source(file: file, bytes: Array(text.utf8))
    }

    /// The diagnostics without the file's name.
    static func diagnostics(_ text: String) -> [String] {
        guard case .rejected(let list) = outcome(text) else { return [] }
        return list.map { String($0.description.dropFirst("etc/services.yaml:".count)) }
    }

    static func configuration(_ text: String) throws -> Configuration {
        switch outcome(text) {
        case .accepted(let configuration): return configuration
        case .rejected(let diagnostics):
            Issue.record("rejected: \(diagnostics)")
            throw Rejected()
        }
    }

    static func only(_ text: String) throws -> ServiceSpecification {
        let services = try configuration(text).services
        return try #require(services.count == 1 ? services.first : nil)
    }

    struct Rejected: Error {}

    /// The root of the package, from this file's place.
    static var root: String {
        #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 }
    }

    static func file(_ path: String) throws -> String {
        let descriptor = open(path, O_RDONLY)
        try #require(descriptor >= 0, "cannot open \(path)")
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = read(descriptor, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
        return try #require(String(validating: bytes, as: UTF8.self))
    }

    static let examples = [
        "authenticated-upstream", "browsers", "groups", "processes", "quickstart", "restart-policy", "upstreams",
    ]

    static func example(_ name: String) throws -> String {
        try file("\(root)/examples/\(name).yaml")
    }
}
