import TestSupport

@testable import Supervision

/// Random events against a core, from one seed.
struct Simulation {
    static let names = (0..<8).map { "service\($0)" }

    private var generator: SeededGenerator
    private var world = SimulatedWorld()
    private var lastChange = 0
    private var lastGeneration: UInt64 = 0
    private(set) var events = 0
    /// Lets requirements form circles, which a valid configuration never does.
    private let allowsCircles: Bool
    /// How many of 100 children are essential.
    private let essentialPart: Int
    static let groupNames = (0..<4).map { "group\($0)" }

    var groups: SimulatedGroups { world.groups }

    init(seed: UInt64, isTraced: Bool = false) {
        world.isTraced = isTraced
        generator = SeededGenerator(seed: seed)
        allowsCircles = Int.random(in: 0..<10, using: &generator) == 0
        essentialPart = [0, 1, 5, 30].randomElement(using: &generator) ?? 0
        world.isOrderKnown = !allowsCircles
    }

    /// Runs one tree from its first change to its end; returns the broken promises.
    mutating func run(limit: Int) -> [String] {
        while events < limit && world.findings.broken.isEmpty && world.end == nil && !world.isShuttingDown {
            step()
        }
        calmDown()
        if world.end == nil && world.findings.broken.isEmpty { shutDown() }
        return world.findings.broken
    }

    private mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &generator) < percent
    }

    private mutating func step() {
        events += 1
        let tasks = sortedTasks { _ in true }
        switch Int.random(in: 0..<1000, using: &generator) {
        case 0..<120: change()
        case 120..<121: beginShutDown()
        case 121..<400: fireNextTimer()
        case 400..<410: world.answerChanges()
        case 410..<450: world.now += .milliseconds(Int.random(in: 0..<40_000, using: &generator))
        default:
            guard let id = tasks.randomElement(using: &generator) else { return change() }
            advance(id)
        }
    }

    private func sortedTasks(_ isWanted: (SimulatedWorld.SimulatedTask) -> Bool) -> [ChildID] {
        world.tasks.filter { isWanted($0.value) }.keys.sorted {
            ($0.name, $0.generation) < ($1.name, $1.generation)
        }
    }

    private mutating func advance(_ id: ChildID) {
        guard let task = world.tasks[id] else { return }
        let random = Double.random(in: 0..<1, using: &generator)
        switch task.phase {
        case .preparing:
            if chance(30) || task.isAsked {
                finish(id, crashes: chance(70), random: random)
            } else {
                world.tasks[id]?.phase = .running
                world.isPreparationFailure[id] = false
                world.send(.prepared(id))
            }
        case .running where chance(75):
            world.tasks[id]?.phase = .ready
            world.send(.ready(id))
        case .running, .ready:
            if chance(5) { world.send(.cut(id, ["a connection"])) }
            if chance(5) { world.send(.condition(id, chance(50) ? .fine : .unhealthy("a check"))) }
            if task.isAsked || chance(30) { finish(id, crashes: chance(80), random: random) }
        case .discarding:
            finish(id, crashes: false, random: random)
        }
    }

    private mutating func finish(_ id: ChildID, crashes: Bool, random: Double) {
        world.isPreparationFailure[id] = crashes && world.tasks[id]?.phase == .preparing
        world.tasks[id] = nil
        world.send(crashes ? .crashed(id, error: "boom") : .exited(id), random: random)
    }

    private mutating func fireNextTimer() {
        let next = world.timers.min { ($0.value, $0.key.sequence) < ($1.value, $1.key.sequence) }
        guard let next else { return }
        world.timers[next.key] = nil
        world.now = max(world.now, next.value)
        world.isForced = world.isForced || next.key == .shutDownLimit
        world.send(.fired(next.key), random: Double.random(in: 0..<1, using: &generator))
    }

    private mutating func change() {
        lastChange += 1
        lastGeneration += 1
        var change = CoreChange(number: lastChange)
        for (index, name) in Self.names.enumerated().shuffled(using: &generator) where chance(25) {
            let current = world.generations[name]?.last
            if let current, chance(20) {
                // A policy that shrinks in the middle of a period cannot undo the restarts before.
                var rules = randomRules(index)
                rules.restart = world.rules[current]?.restart ?? rules.restart
                change.update.append(CoreChange.Entry(id: current, rules: rules))
                continue
            }
            change.stop += world.generations[name] ?? []
            if chance(70) {
                let isAgain = current != nil && chance(10)
                let generation = isAgain ? current?.generation ?? 0 : lastGeneration
                let id = ChildID(name: name, generation: generation)
                if isAgain { change.stop.removeAll { $0 == id } }
                let failure = chance(15) ? "no port" : nil
                change.start.append(CoreChange.Entry(id: id, rules: randomRules(index), failure: failure))
            }
        }
        if chance(25) || lastChange == 1 { change.groups = randomGroups() }
        world.apply(change)
    }

    /// Each service and each group has one parent at most; what goes on keeps its limits.
    private mutating func randomGroups() -> [GroupSpecification] {
        var groups: [GroupSpecification] = []
        for name in Self.groupNames where chance(70) {
            var group = GroupSpecification(name: name, members: [])
            group.intensity = Int.random(in: 0..<6, using: &generator)
            group.period = .seconds(Int.random(in: 1..<90, using: &generator))
            group.restart.intensity = Int.random(in: 0..<4, using: &generator)
            group.restart.mode = chance(10) ? .never : .onFailure
            group = world.groups.specifications[name] ?? group
            group.members = []
            group.strategy = Strategy.allCases.randomElement(using: &generator) ?? .oneForOne
            groups.append(group)
        }
        for index in groups.indices.dropFirst() where chance(60) {
            groups[Int.random(in: 0..<index, using: &generator)].members.append(groups[index].name)
        }
        for name in Self.names where chance(75) {
            guard let index = groups.indices.randomElement(using: &generator) else { continue }
            groups[index].members.append(name)
        }
        for index in groups.indices {
            groups[index].members.shuffle(using: &generator)
        }
        return groups
    }

    /// From here on everybody does what is expected; then nobody may wait for ever.
    private mutating func calmDown() {
        guard world.findings.broken.isEmpty, world.end == nil, !world.isShuttingDown else { return }
        var patience = 2_000
        while patience > 0 && world.findings.broken.isEmpty && !world.isShuttingDown {
            patience -= 1
            let busy = sortedTasks { $0.phase != .ready || $0.isAsked }
            if let id = busy.randomElement(using: &generator), let task = world.tasks[id] {
                events += 1
                switch task.phase {
                case .discarding: finish(id, crashes: false, random: 0.5)
                case .preparing, .running, .ready:
                    if task.isAsked {
                        finish(id, crashes: false, random: 0.5)
                    } else if task.phase == .preparing {
                        world.tasks[id]?.phase = .running
                        world.isPreparationFailure[id] = false
                        world.send(.prepared(id))
                    } else {
                        world.tasks[id]?.phase = .ready
                        world.send(.ready(id))
                    }
                }
            } else if !world.timers.isEmpty {
                events += 1
                fireNextTimer()
            } else {
                break
            }
        }
        if !world.isShuttingDown && !allowsCircles { world.checkCalm() }
    }

    private mutating func randomRules(_ index: Int) -> ChildRules {
        let possible = allowsCircles ? Self.names : Array(Self.names.prefix(index))
        var rules = ChildRules()
        rules.requires = possible.filter { _ in chance(20) }
        rules.restart.mode = [.always, .onFailure, .onFailure, .never].randomElement(using: &generator) ?? .always
        rules.restart.intensity = Int.random(in: 0..<6, using: &generator)
        rules.restart.period = .seconds(Int.random(in: 1..<90, using: &generator))
        rules.drain = .seconds(Int.random(in: 0..<30, using: &generator))
        rules.essential = chance(essentialPart)
        rules.replacement = chance(30) ? .afterStop : .overlapping
        return rules
    }

    private mutating func beginShutDown() {
        world.isShuttingDown = true
        if chance(20) {
            world.isForced = true
            world.send(.force)
        } else {
            world.send(.shutDown(limit: .seconds(Int.random(in: 0..<100, using: &generator))))
        }
    }

    /// Whoever is asked ends, sooner or later; then the core must end as well.
    private mutating func shutDown() {
        if !world.isShuttingDown { beginShutDown() }
        var patience = 1_000
        while world.end == nil && world.findings.broken.isEmpty && patience > 0 {
            patience -= 1
            events += 1
            let ending = sortedTasks { $0.isAsked || $0.phase == .discarding }
            if chance(5) { change() }
            if chance(1) {
                world.isForced = true
                world.send(.force)
            }
            if let id = ending.randomElement(using: &generator), chance(60) {
                if world.tasks[id] != nil { finish(id, crashes: chance(20), random: 0.5) }
            } else {
                fireNextTimer()
            }
        }
        world.findings.check(
            world.end != nil || !world.findings.broken.isEmpty,
            "no end: \(world.tasks) \(world.core.children)"
        )
        world.isForced = true
        world.send(.force)
        for name in Self.names {
            world.send(.crashed(ChildID(name: name, generation: lastGeneration), error: "late"))
        }
    }
}

extension TimerID {
    /// Orders timers of one moment, so that a seed repeats; a child has one timer at a time.
    fileprivate var sequence: Int {
        switch self {
        case .child(_, let sequence, _): sequence
        case .group(_, let number): number
        case .shutDownLimit: 0
        }
    }
}
