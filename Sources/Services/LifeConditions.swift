import Supervision
import Synchronization

/// How a service does in one of its lives, as several watchers see it: the worst of it is what is told.
final class LifeConditions: Sendable {
    /// Who watches; the first one that has something to say is heard.
    enum Watcher: CaseIterable {
        case eventLoops
        case acceptors
    }

    private let view: LifetimeView
    private let state = Mutex<[Watcher: ChildCondition]>([:])

    init(_ view: LifetimeView) {
        self.view = view
    }

    /// Tells what one watcher sees now.
    func report(_ condition: ChildCondition, by watcher: Watcher) {
        state.withLock { conditions in
            conditions[watcher] = condition == .fine ? nil : condition
            let worst = Watcher.allCases.first { conditions[$0] != nil }
            view.report(worst.flatMap { conditions[$0] } ?? .fine)
        }
    }
}
