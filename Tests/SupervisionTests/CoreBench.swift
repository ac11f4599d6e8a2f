import TestSupport

@testable import Supervision

/// A core on the bench: events in, actions out as lines that a test can read.
struct CoreBench {
    var core = SupervisorCore()
    var now = Duration.zero
    private var lastChange = 0
    /// The last timer that was set, by the name of its child or its group.
    private var timers: [String: TimerID] = [:]

    private mutating func handle(_ event: CoreEvent, random: Double = 0.5) -> [CoreAction] {
        let actions = core.handle(event, at: now, random: random)
        for case .setTimer(let timer, _) in actions {
            timers[timer.owner] = timer
        }
        return actions
    }

    /// Feeds an event and returns its actions.
    @discardableResult
    mutating func send(_ event: CoreEvent, random: Double = 0.5) -> [String] {
        handle(event, random: random).map(\.line)
    }

    /// Feeds an event and returns what is to be done, without reports, timers and bookkeeping.
    @discardableResult
    mutating func effects(of event: CoreEvent) -> [String] {
        handle(event).filter(\.isEffect).map(\.line)
    }

    /// Fires the last timer of a child (`name.generation`) or a group, and returns what is to be done.
    @discardableResult
    mutating func fire(_ owner: String) -> [String] {
        guard let timer = timers[owner] else { return ["\(owner) has no timer"] }
        return effects(of: .fired(timer))
    }

    mutating func change(
        start: [CoreChange.Entry] = [],
        stop: [String] = [],
        groups: [GroupSpecification]? = nil,
        onTrial: Set<String> = []
    ) -> CoreEvent {
        lastChange += 1
        let stop = stop.map { Self.id($0) }
        return .apply(CoreChange(number: lastChange, start: start, stop: stop, groups: groups, onTrial: onTrial))
    }

    /// Starts children in this order, in these groups, and makes each ready.
    mutating func serve(_ entries: [CoreChange.Entry], in groups: [GroupSpecification]) {
        send(change(start: entries, groups: groups))
        for entry in entries {
            send(.ready(entry.id))
        }
    }

    /// Lets a restarted child become ready.
    mutating func becomeReady(_ texts: String...) {
        for text in texts {
            send(.prepared(Self.id(text)))
            send(.ready(Self.id(text)))
        }
    }

    /// Starts children in this order and makes each ready.
    mutating func serve(_ entries: CoreChange.Entry...) {
        send(change(start: entries))
        for entry in entries {
            send(.ready(entry.id))
        }
    }

    func state(_ text: String) -> ChildState? {
        core.children[Self.id(text)]?.state
    }

    /// `name` is generation 1, `name.2` generation 2.
    static func id(_ text: String) -> ChildID {
        let parts = text.split(separator: ".")
        return ChildID(name: String(parts[0]), generation: parts.count > 1 ? UInt64(parts[1]) ?? 0 : 1)
    }

    static func child(
        _ text: String,
        requires: [String] = [],
        mode: RestartPolicy.Mode = .onFailure,
        essential: Bool = false,
        replacement: Replacement = .overlapping,
        failure: String? = nil,
        adjust: (inout RestartPolicy) -> Void = { _ in }
    ) -> CoreChange.Entry {
        var rules = ChildRules(requires: requires, essential: essential, replacement: replacement)
        rules.restart.mode = mode
        rules.restart.jitter = 0
        adjust(&rules.restart)
        return CoreChange.Entry(id: id(text), rules: rules, failure: failure)
    }

    static func group(
        _ name: String,
        _ strategy: Strategy,
        _ members: [String],
        intensity: Int = 5,
        adjust: (inout RestartPolicy) -> Void = { _ in }
    ) -> GroupSpecification {
        var group = GroupSpecification(name: name, strategy: strategy, intensity: intensity, members: members)
        group.restart.jitter = 0
        adjust(&group.restart)
        return group
    }
}

extension CoreAction {
    fileprivate var isEffect: Bool {
        switch self {
        case .run, .restart, .discard, .refuse, .ask, .cancel, .reply, .end: true
        case .adopt, .forget, .setTimer, .cancelTimer, .report: false
        }
    }

    /// The action as tests write it.
    var line: String {
        switch self {
        case .adopt(let id): "adopt \(id.line)"
        case .run(let id): "run \(id.line)"
        case .restart(let id): "restart \(id.line)"
        case .discard(let id): "discard \(id.line)"
        case .refuse(let id): "refuse \(id.line)"
        case .ask(let id): "ask \(id.line)"
        case .cancel(let id): "cancel \(id.line)"
        case .forget(let id): "forget \(id.line)"
        case .setTimer(let timer, let delay): "set \(timer.line) after \(delay)"
        case .cancelTimer(let timer): "cancel \(timer.line)"
        case .report(let event): event.line
        case .reply(let change, let states):
            "reply \(change): " + states.map { "\($0.key.line) \($0.value.rawValue)" }.sorted().joined(separator: ", ")
        case .end(let end): end.line
        }
    }
}

extension TimerID {
    fileprivate var owner: String {
        switch self {
        case .child(let id, _, _): id.line
        case .group(let name, _): name
        case .shutDownLimit: "the limit"
        }
    }

    /// The timer as tests write it.
    var line: String {
        switch self {
        case .child(let id, _, let number): "timer \(number) of \(id.line)"
        case .group(let name, let number): "timer \(number) of group \(name)"
        case .shutDownLimit: "the limit"
        }
    }
}
