import ControlPlane
import Sockets
import Supervision
import Testing

@testable import Daemon

@Suite(.timeLimit(.minutes(1)))
struct RateMeterTests {
    @Test func `a rate compares with the last look that is at least a second old`() {
        var meter = RateMeter()
        let (id, start) = (ChildID(name: "a", generation: 1), ContinuousClock.now)
        func look(_ milliseconds: Int64, _ received: UInt64) -> Traffic {
            let totals = ConnectionTotals(connections: 1, received: received, sent: 2 * received)
            return meter.traffic(of: id, totals, at: start + .milliseconds(milliseconds))
        }
        #expect(look(0, 1_000).rateSeconds == 0)
        #expect(look(500, 9_000).receivedPerSecond == 0, "too early")
        let second = look(2_000, 5_000)
        #expect(second.receivedPerSecond == 2_000)
        #expect(second.sentPerSecond == 4_000)
        #expect(second.rateSeconds == 2)
        let third = look(2_100, 6_000)
        #expect(third.receivedPerSecond == 2_000, "the last rate, until there is a new one")
        #expect(third.received == 6_000)
        meter.keep(only: [])
        #expect(look(9_000, 7_000).rateSeconds == 0, "it was forgotten")
    }
}
