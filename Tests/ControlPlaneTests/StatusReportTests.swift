import ControlPlane
import Supervision
import Testing

@Suite(.timeLimit(.minutes(1)))
struct StatusReportTests {
    private func child(_ state: ChildState, _ condition: ChildCondition = .fine, group: String? = nil) -> ChildStatus {
        ChildStatus(
            id: ChildID(name: "chrome@0", generation: 2),
            state: state,
            age: .milliseconds(1_234),
            restarts: 3,
            lastError: state == .backingOff ? "exit code 1" : nil,
            nextRestart: state == .backingOff ? .milliseconds(500) : nil,
            group: group,
            condition: condition
        )
    }

    @Test func `a line shows what a service holds and belongs to`() {
        let line = StatusReport.Line(
            child: child(.ready, .unhealthy("no answer"), group: "browser@0"),
            listen: ["127.0.0.1:1"],
            connections: 4,
            isEssential: false,
            pid: 77,
            upstream: "residential[1]"
        )
        #expect(
            StatusReport(generation: 2, lines: [line]).text == [
                "status chrome@0 ready for 1.23s unhealthy (no answer) group browser@0 pid 77 on 127.0.0.1:1 "
                    + "upstream residential[1] connections 4, restarts 3 generation 2 not essential"
            ]
        )
    }

    @Test func `what a service does not have is left out`() {
        let line = StatusReport.Line(child: child(.backingOff), listen: [], connections: 0)
        #expect(
            StatusReport(generation: 2, lines: [line]).text == [
                "status chrome@0 backing-off for 1.23s connections 0, restarts 3 generation 2 next restart in 500ms "
                    + "last error: exit code 1"
            ]
        )
    }

    @Test func `a service whose loop is silent is blocked`() {
        let line = StatusReport.Line(child: child(.ready, .blocked("loop 1")), listen: [], connections: 0)
        #expect(StatusReport(generation: 2, lines: [line]).text[0].contains("ready for 1.23s blocked (loop 1) conn"))
    }
}
