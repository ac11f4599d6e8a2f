import Addresses
import Testing
import Glibc
import ServiceConfiguration

@Suite(.timeLimit(.minutes(1)))
struct Scratch {
    @Test func run() throws {
        guard let f = getenv("SCRATCH").map({ String(cString: $0) }) else { return }
        let h = try #require(fopen(f, "r")); defer { fclose(h) }
        print("SCHEMA", JSONSchema.text, "END")
        var bytes = [UInt8](repeating: 0, count: 1 << 21)
        let n = fread(&bytes, 1, bytes.count, h)
        let s = Surroundings(variable: { ["HOME": "/root", "PASS": "canary", "USERNAME": "alice"][$0] }, file: { _ in .failure(.init("no such file")) })
        switch ConfigurationReader(surroundings: s).read(Array(bytes[..<n]), file: "t.yaml") {
        case .accepted(let c): print("ACCEPTED"); for s in c.services { print(s.name, s.kind, s.listen.map(\.value.description), s.requires) }
        case .rejected(let d): print(DiagnosticReport(d, source: Array(bytes[..<n])).text); print(DiagnosticReport(d, source: Array(bytes[..<n])).json)
        }
    }
}
