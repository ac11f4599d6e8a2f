import Supervision
import Testing

@testable import Daemon

@Suite(.timeLimit(.minutes(1)))
struct StartUpTests {
    private let bridge = ChildID(name: "bridge", generation: 1)
    private let browser = ChildID(name: "browser", generation: 1)

    private enum Step {
        case expect([ChildID])
        case note(ChildID)
    }

    /// For each step whether the start was over with it.
    private func run(_ steps: Step...) -> [Bool] {
        var start = StartUp()
        return steps.map { step in
            switch step {
            case .expect(let children): start.expect(Set(children))
            case .note(let child): start.note(child)
            }
        }
    }

    @Test func `the start is over when the last essential service has been ready, and only once`() {
        let later = ChildID(name: "other", generation: 2)
        let overs = run(
            .note(bridge),
            .expect([bridge, browser]),
            .note(bridge),
            .note(browser),
            .note(browser),
            .expect([later])
        )
        #expect(overs == [false, false, false, true, false, false])
    }

    @Test func `what is ready before the load has ended counts`() {
        #expect(run(.note(bridge), .note(browser), .expect([bridge, browser])) == [false, false, true])
    }

    @Test func `a configuration without essential services has started when it is committed`() {
        #expect(run(.expect([])) == [true])
    }

    @Test func `a reload during the start decides for what is waited`() {
        let mended = ChildID(name: "browser", generation: 2)
        let overs = run(
            .note(bridge),
            .expect([bridge, browser]),
            .expect([bridge, mended]),
            .note(browser),
            .note(mended)
        )
        #expect(overs == [false, false, false, false, true])
    }

    @Test func `a service arrives when it is ready or has ended as it should`() {
        for state in ChildState.allCases {
            let isArrival = state == .ready || state == .stopped
            #expect(SupervisionEvent.changed(bridge, state).arrival == (isArrival ? bridge : nil))
        }
        #expect(SupervisionEvent.crashed(bridge, error: "exit code 1").arrival == nil)
    }
}
