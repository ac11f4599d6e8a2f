import ControlPlane
import Foundation
import ScenarioSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct MetricsTests {
    private static let snapshots: [(name: String, snapshot: Snapshot)] = [
        ("healthy", Snapshots.healthy), ("failed", Snapshots.failed), ("backing off", Snapshots.backingOff),
        ("rejected", Snapshots.rejected), ("draining", Snapshots.draining), ("on trial", Snapshots.probation),
        ("settling", Snapshots.settling), ("hostile", Snapshots.hostile), ("many", Snapshots.many(100)),
        ("before the first load", Snapshot(daemon: Snapshots.healthy.daemon)),
    ]

    private func samples(of snapshot: Snapshot) -> [Substring] {
        MetricsText(of: snapshot).text.split(separator: "\n").filter { !$0.hasPrefix("#") }
    }

    @Test func `a service and a pool are told in the text format of Prometheus`() throws {
        var snapshot = Snapshots.healthy
        snapshot.services = [Snapshots.bridge(0)]
        snapshot.pools[0].members = [snapshot.pools[0].members[0]]
        let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Cases/metrics.txt"
        )
        #expect(try MetricsText(of: snapshot).text == String(contentsOf: golden, encoding: .utf8))
    }

    @Test(arguments: snapshots.map(\.name))
    func `promtool has nothing to say`(name: String) throws {
        let snapshot = try #require(Self.snapshots.first { $0.name == name }?.snapshot)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("metrics-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { do { try FileManager.default.removeItem(at: folder) } catch {} }
        let (input, output) = (folder.path + "/input", folder.path + "/output")
        try FileText.write(MetricsText(of: snapshot).text, to: input)
        let command = try Command(
            Command.program("sh"),
            ["-c", "exec \(Command.program("promtool")) check metrics <'\(input)'"],
            outputPath: output,
            errorPath: output
        )
        #expect(try ChildProcess.run(command) == .exited(0))
        #expect(try FileText.read(output) == "")
    }

    @Test(arguments: snapshots.map(\.name))
    func `no series is there twice`(name: String) throws {
        let snapshot = try #require(Self.snapshots.first { $0.name == name }?.snapshot)
        let series = samples(of: snapshot).map { $0[..<($0.lastIndex(of: " ") ?? $0.endIndex)] }
        #expect(Set(series).count == series.count)
    }

    @Test func `what is open is a sum of all generations, and counters are those of the committed one`() {
        var snapshot = Snapshots.draining
        let old = snapshot.services.firstIndex { $0.name == "web" && !$0.current } ?? 0
        snapshot.services[old].traffic?.connections = 5
        let samples = samples(of: snapshot)
        #expect(samples.contains("supervisor_service_connections{service=\"web\"} 27"))
        #expect(samples.contains("supervisor_service_accepted_connections_total{service=\"web\"} 88012"))
        #expect(samples.contains("supervisor_service_generation{service=\"web\"} 8"))
        #expect(samples.contains("supervisor_service_state{service=\"legacy\",state=\"draining\"} 1"))
        #expect(samples.contains("supervisor_draining_connections 25"))
    }

    @Test func `a value of a label cannot end itself`() {
        var snapshot = Snapshots.healthy
        snapshot.services[0].name = "a\"} 1\n\\"
        #expect(samples(of: snapshot).contains(#"supervisor_service_ready{service="a\"} 1\n\\"} 1"#))
    }
}
