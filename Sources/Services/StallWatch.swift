import NIOCore
import Supervision
import Synchronization

/// Watches the event loops of a service in one of its lives: the key `watchdog`.
///
/// Without a limit nothing is asked and nothing wakes up.
final class StallWatch: Sendable {
    private struct State {
        var limit: Duration?
        var task: TaskHandle<Void>?
    }

    private let group: any EventLoopGroup
    private let clock: any Clock<Duration>
    private let tasks: TaskPool
    private let conditions: LifeConditions
    private let state = Mutex(State())

    /// A watch without a limit.
    init(group: any EventLoopGroup, clock: any Clock<Duration>, tasks: TaskPool, conditions: LifeConditions) {
        self.group = group
        self.clock = clock
        self.tasks = tasks
        self.conditions = conditions
    }

    /// Watches with this limit from now on; a changed limit begins the watch anew.
    func set(limit: Duration?) {
        state.withLock { state in
            guard state.limit != limit else { return }
            let former = state.task
            former?.cancel()
            state.limit = limit
            do {
                state.task = try tasks.submit("watch event loops") {
                    if let former {
                        _ = await former.result
                        self.conditions.report(.fine, by: .eventLoops)
                    }
                    if let limit { await self.watch(limit) }
                }
            } catch {
                // The life is about to end, and with it what could be watched.
            }
        }
    }

    private func watch(_ limit: Duration) async {
        let silent = Mutex<[String: Duration]>([:])
        let detector = StallDetector(clock: clock) { [conditions] report in
            let longest = silent.withLock { silent in
                switch report {
                case .blocked(let name, let silence): silent[name] = silence
                case .recovered(let name, _): silent[name] = nil
                case .taskBlocked, .taskRecovered, .possibleDeadlock: break  // this one watches no tasks
                }
                return silent.max { ($0.value, $0.key) < ($1.value, $1.key) }
            }
            conditions.report(longest.map(Self.condition) ?? .fine, by: .eventLoops)
        }
        for (index, loop) in group.makeIterator().enumerated() {
            _ = detector.register(name: "event loop \(index)", limit: limit) { loop.execute($0) }
        }
        await detector.run()
    }

    private static func condition(_ loop: String, _ silence: Duration) -> ChildCondition {
        .blocked("\(loop) has been silent for \(silence.words)")
    }
}
