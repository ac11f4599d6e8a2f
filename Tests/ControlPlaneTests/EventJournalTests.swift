import ControlPlane
import Testing

@Suite(.timeLimit(.minutes(1)))
struct EventJournalTests {
    private func journal(events count: Int) -> EventJournal {
        let journal = EventJournal { "now" }
        for number in 0..<count { journal.record(EventRecord(kind: .state, text: "\(number + 1)")) }
        return journal
    }

    @Test func `whoever comes late gets the last thousand events in order`() {
        let events = journal(events: 2_500).events(after: 0)
        #expect(events.map(\.sequence) == Array(1_501...2_500))
        #expect(events.allSatisfy { "\($0.sequence)" == $0.text && $0.at == "now" })
    }

    @Test func `a reader gets what came after the last event that it has seen`() {
        let journal = journal(events: 10)
        #expect(journal.events(after: 8).map(\.sequence) == [9, 10])
        #expect(journal.events(after: 10).isEmpty)
        #expect(journal.events(after: 99).isEmpty, "a number from another life of the daemon")
    }

    @Test func `a reader that is too slow learns how many events it has missed`() {
        let events = journal(events: 1_100).events(after: 40)
        #expect(events.first?.kind == .lost)
        #expect(events.first?.count == 60)
        #expect(events.dropFirst().first?.sequence == 101)
    }

    @Test func `readers wait for the next event, and for the end`() async {
        let journal = journal(events: 1)
        async let next = journal.wait(after: 1)
        async let other = journal.wait(after: 1)
        journal.record(EventRecord(kind: .state, text: "2"))
        #expect(await next)
        #expect(await other)
        async let last = journal.wait(after: 2)
        journal.close()
        #expect(await last == false)
        #expect(await journal.wait(after: 2) == false)
    }

    @Test func `a reader that is cancelled waits no longer`() async {
        let journal = journal(events: 0)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<100 { group.addTask { await journal.wait(after: 0) } }
            group.cancelAll()
            for await result in group { #expect(!result) }
        }
    }
}
