import Glibc
import ServiceConfiguration
import Testing

/// Each `Cases/*.yaml` has everything `supervisor check` says about it in the `.expected` file beside it.
///
/// With RECORD_EXPECTED=1 in the environment the test writes the files instead; read the difference before committing.
@Suite(.timeLimit(.minutes(1)))
struct GoldenTests {
    private static let folder = Reading.root + "/Tests/ServiceConfigurationTests/Cases"

    static let names = [
        "addresses", "backoff", "circles", "comment", "confusions", "conflicts", "empty",
        "group-circles", "groups",
        "list", "no-service", "null-services", "policies", "pools", "probes", "processes", "readiness", "references",
        "scalars",
        "shapes",
        "syntax", "too-many", "typos", "upstreams", "without-services",
    ]

    @Test(arguments: names)
    func `a broken file gets exactly the expected diagnostics`(name: String) throws {
        let text = try Reading.file("\(Self.folder)/\(name).yaml")
        guard case .rejected(let diagnostics) = Reading.outcome(text) else {
            Issue.record("\(name) was accepted")
            return
        }
        let report = DiagnosticReport(diagnostics, sources: [Reading.source(text)]).text
        let path = "\(Self.folder)/\(name).expected"
        if getenv("RECORD_EXPECTED") != nil {
            let file = try #require(fopen(path, "w"))
            fputs(report, file)
            fclose(file)
        }
        #expect(report == (try Reading.file(path)))
        #expect(!report.contains(Reading.canary))
        #expect(diagnostics.allSatisfy { $0.message.hasPrefix("cannot ") })
    }
}
