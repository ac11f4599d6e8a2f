import Supervision
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct StallDetectorTests {
    /// A loop that answers when the test lets it.
    private final class Loop: Sendable {
        private let answers = Mutex<[@Sendable () -> Void]>([])
        private let pings = Journal()

        func ping(_ answer: @escaping @Sendable () -> Void) {
            answers.withLock { $0.append(answer) }
            pings.write("ping")
        }

        func untilPinged(_ count: Int) async {
            await pings.wait(for: "ping", count: count)
        }

        /// Answers every question so far, those of long ago too.
        func answer() {
            for answer in answers.withLock({ $0 }) {
                answer()
            }
        }
    }

    private static let blocked = "`loop` has been silent for 4s; find what holds it up"

    private let clock = ManualClock()
    private let journal = Journal()

    private func watching(_ body: (StallDetector) async -> Void) async {
        let detector = StallDetector(clock: clock) { [journal] in journal.write("\($0)") }
        await withDiscardingTaskGroup { group in
            group.addTask { await detector.run() }
            await body(detector)
            group.cancelAll()
        }
        #expect(clock.sleeperCount == 0)
    }

    /// Moves the clock when the detector sleeps.
    private func advance(by duration: Duration) async {
        await clock.untilSleepers(1)
        clock.advance(by: duration)
    }

    @Test func `a silent loop is reported once, and once more when it answers`() async {
        let loop = Loop()
        await watching { detector in
            _ = detector.register(name: "loop", limit: .seconds(4), ping: loop.ping)
            await loop.untilPinged(1)
            await advance(by: .seconds(1))
            await advance(by: .seconds(3))
            await journal.wait(for: Self.blocked)
            clock.advance(by: .seconds(10))
            loop.answer()
            await journal.wait(for: "`loop` answers again after 14s")
            await loop.untilPinged(1)
            await advance(by: .seconds(1))
            await loop.untilPinged(2)
        }
        #expect(journal.entries.count == 2)
    }

    @Test func `a loop that answers is asked four times within its limit, and never reported`() async {
        let loop = Loop()
        await watching { detector in
            _ = detector.register(name: "loop", limit: .seconds(4), ping: loop.ping)
            for count in 1...20 {
                await loop.untilPinged(count)
                loop.answer()
                await advance(by: .seconds(1))
            }
        }
        #expect(journal.entries.isEmpty)
    }

    @Test func `a loop that answers at once inside its ping is never reported`() async {
        let pings = Journal()
        await watching { detector in
            _ = detector.register(name: "loop", limit: .seconds(4)) { answer in
                answer()
                pings.write("ping")
            }
            for count in 1...20 {
                await pings.wait(for: "ping", count: count)
                await advance(by: .seconds(1))
            }
        }
        #expect(journal.entries.isEmpty)
    }

    @Test func `after a suspension of the machine a loop gets another chance to answer`() async {
        let loop = Loop()
        await watching { detector in
            _ = detector.register(name: "loop", limit: .seconds(4), ping: loop.ping)
            await loop.untilPinged(1)
            await advance(by: .seconds(3_600))
            await advance(by: .milliseconds(500))
            loop.answer()
            clock.advance(by: .milliseconds(500))
            await loop.untilPinged(2)
        }
        #expect(journal.entries.isEmpty)
    }

    @Test func `nothing is asked before it is registered nor after it is unregistered, and nothing wakes up`() async {
        let loop = Loop()
        await watching { detector in
            let registration = detector.register(name: "loop", limit: .seconds(4), ping: loop.ping)
            await loop.untilPinged(1)
            await clock.untilSleepers(1)
            detector.unregister(registration)
            await clock.untilSleepers(0)
            loop.answer()
        }
        #expect(journal.entries.isEmpty)
    }

    @Test func `each loop has its own limit`() async {
        let quick = Loop()
        let slow = Loop()
        await watching { detector in
            _ = detector.register(name: "slow", limit: .seconds(40), ping: slow.ping)
            _ = detector.register(name: "loop", limit: .seconds(4), ping: quick.ping)
            await quick.untilPinged(1)
            await slow.untilPinged(1)
            await advance(by: .seconds(1))
            await advance(by: .seconds(3))
            await journal.wait(for: Self.blocked)
        }
        #expect(journal.entries.count == 1)
    }
}
