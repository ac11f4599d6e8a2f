/// Follows the journal of events for one client.
struct EventFollower: Sendable {
    /// The number of the last event that the client has.
    private(set) var last: UInt64
    private let journal: EventJournal
    private let end: EndSignal
    private let clock: any Clock<Duration>

    /// - Parameters:
    ///   - last: The number that the client names; one that never was comes from an earlier life of the daemon.
    ///   - journal: Has the events.
    ///   - end: Fires when nothing is to follow any more.
    ///   - clock: Measures how long to wait.
    init(after last: UInt64, of journal: EventJournal, end: EndSignal, clock: any Clock<Duration>) {
        self.last = last <= journal.last ? last : 0
        self.journal = journal
        self.end = end
        self.clock = clock
    }

    /// What is new; empty when nothing is.
    mutating func next() -> [EventRecord] {
        let events = journal.events(after: last)
        last = events.last?.sequence ?? last
        return events
    }

    /// Suspends until there is something new, the time is over, or the end has come.
    ///
    /// - Returns: False at the end.
    func wait(atMost limit: Duration? = nil) async -> Bool {
        await wait(atMost: limit, orEvents: true)
    }

    /// Suspends for a time, or until the end has come.
    ///
    /// - Returns: False at the end.
    func pause(_ time: Duration) async -> Bool {
        await wait(atMost: time, orEvents: false)
    }

    private func wait(atMost limit: Duration?, orEvents: Bool) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            if orEvents { group.addTask { [journal, last] in await journal.wait(after: last) } }
            group.addTask { [end] in
                await end.wait()
                return false
            }
            if let limit {
                group.addTask { [clock] in
                    do { try await clock.sleep(for: limit) } catch { return false }
                    return true
                }
            }
            let isGoingOn = await group.next() ?? false
            group.cancelAll()
            return isGoingOn
        }
    }
}
