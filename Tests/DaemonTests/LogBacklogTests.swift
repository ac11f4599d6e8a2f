import TestSupport
import Testing

@testable import Daemon

@Suite(.timeLimit(.minutes(1)))
struct LogBacklogTests {
    @Test(arguments: [(1, LogBacklog.lineLimit), (8 * 1024, LogBacklog.byteLimit / (8 * 1024))])
    func `programs wait from half of the limit on, and go on at a quarter`(size: Int, limit: Int) {
        var backlog = LogBacklog()
        let welcome = (0...limit / 2).map { _ in backlog.add(bytes: size) }
        #expect(welcome.firstIndex(of: false) == limit / 2)
        let resumed = Counter()
        let waits = (0..<2).map { _ in backlog.wait { _ = resumed.next() } }
        #expect(waits == [true, true])
        let called = (0...limit / 4).map { _ in backlog.remove(bytes: size) }
        let early = called.dropLast().reduce(0) { $0 + $1.count }
        #expect(early == 0)
        for resume in called.last ?? [] { resume() }
        #expect(resumed.next() == 2)
        let waitsLate = backlog.wait {}
        #expect(!waitsLate, "whoever asks late goes on at once")
        let rest = (0..<limit / 4).flatMap { _ in backlog.remove(bytes: size) }
        #expect(rest.isEmpty, "each is called once")
    }
}
