import ControlPlane
import Logging
import ServiceConfiguration
import Supervision
import Synchronization
import Testing

@testable import Daemon

@Suite(.timeLimit(.minutes(1)))
struct TreeJournalTests {
    private final class Lines: Sendable {
        private let written = Mutex<[String]>([])

        var all: [String] { written.withLock { $0 } }

        func add(_ event: LogEvent) {
            let line = LogLine(
                time: "now",
                level: event.level,
                message: event.message.description,
                metadata: event.metadata ?? [:]
            )
            written.withLock { $0.append(line.rendered(as: .text)) }
        }
    }

    private struct Handler: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { lines.add(event) }
    }

    private func line(of event: SupervisionEvent) -> String {
        let lines = Lines()
        TreeJournal(
            log: Logger(label: "test") { _ in Handler(lines: lines) },
            events: EventJournal { "now" }
        ).record(event)
        return lines.all.joined()
    }

    private func children(_ count: Int) -> [ChildID] {
        (0..<count).map { ChildID(name: "m\($0)", generation: 1) }
    }

    @Test func `a restart of a group names the group, the member that failed and those that restart`() {
        #expect(
            line(of: .groupRestarts("browser@0", failed: "bridge@0", restarting: children(2)))
                == "now notice group restarts failed=bridge@0 group=browser@0 members=\"m0 m1\"\n"
        )
        let many = line(of: .groupRestarts("all", failed: "m0", restarting: children(100)))
        #expect(many.hasSuffix("m15 and 84 more\"\n"))
    }

    @Test func `a delay is short`() {
        let id = ChildID(name: "job", generation: 2)
        #expect(
            line(of: .willRestart(id, after: .microseconds(10_326)))
                == "now notice restarts after a delay service=job delay=10ms generation=2\n"
        )
        #expect(
            line(of: .groupGaveUp("all", reason: "boom", after: .seconds(90)))
                == "now error group gave up group=all reason=boom restart=1m30s\n"
        )
    }

    @Test func `trouble of an endpoint is told once, and that it is over`() {
        let lines = Lines()
        let log = Logger(label: "test") { _ in Handler(lines: lines) }
        let events = EventJournal { "now" }
        let journal = EndpointJournal(TreeJournal(log: log, events: events), log: log)
        let child = ChildID(name: "@control", generation: 1)
        for reason in ["one", "one", "two", "two"] {
            journal.record(.crashed(child, error: reason))
        }
        journal.record(.changed(child, .preparing))
        journal.record(.changed(child, .ready))
        journal.record(.changed(child, .ready))
        journal.record(.crashed(child, error: "two"))
        #expect(
            lines.all == [
                "now warning one; trying again service=@control\n", "now warning two; trying again service=@control\n",
                "now notice ready after all service=@control\n", "now warning two; trying again service=@control\n",
            ]
        )
    }
}
