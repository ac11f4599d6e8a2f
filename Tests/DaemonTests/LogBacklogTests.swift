import TestSupport
import Testing

@testable import Daemon

@Suite(.timeLimit(.minutes(1)))
struct LogBacklogTests {
    @Test(arguments: [(1, LogBacklog.lineLimit), (8 * 1024, LogBacklog.byteLimit / (8 * 1024))])
    func `programs wait from half of the limit on, and go on at a quarter`(size: Int, limit: Int) {
        var backlog = LogBacklog()
        for _ in 0..<limit / 2 { #expect(backlog.add(bytes: size)) }
        #expect(!backlog.add(bytes: size))
        let resumed = Counter()
        #expect(backlog.wait { _ = resumed.next() })
        #expect(backlog.wait { _ = resumed.next() })
        for _ in 0..<limit / 4 { #expect(backlog.remove(bytes: size).isEmpty) }
        let waiting = backlog.remove(bytes: size)
        for resume in waiting { resume() }
        #expect(resumed.next() == 2)
        #expect(!backlog.wait {}, "whoever asks late goes on at once")
        for _ in 0..<limit / 4 { #expect(backlog.remove(bytes: size).isEmpty) }
    }
}
