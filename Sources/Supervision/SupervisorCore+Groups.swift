/// Groups: who belongs to them, what a failure means for them, giving up level by level.
extension SupervisorCore {
    /// Takes the complete set of groups.
    ///
    /// Groups and members that go on are not touched. A member that is named twice belongs to the first; a group that
    /// would contain itself belongs to the root.
    mutating func apply(groups specifications: [GroupSpecification], at now: Duration) {
        let old = groups
        groups = [:]
        parents = [:]
        for specification in specifications where groups[specification.name] == nil {
            var group = old[specification.name] ?? Group(specification, at: now)
            group.specification = specification
            groups[specification.name] = group
            for member in specification.members where parents[member] == nil {
                if !isInside(specification.name, of: member) { parents[member] = specification.name }
            }
        }
        for (name, group) in old.sorted(by: { $0.key < $1.key }) where groups[name] == nil {
            if let timer = group.timer { actions.append(.cancelTimer(timer)) }
            leaveRound(group: name)
        }
        for name in groups.keys {
            let members = members(of: name)
            groups[name]?.pending.formIntersection(members)
        }
    }

    /// The names of the children in a group, those of its groups included; a child's own name.
    func leaves(of member: String) -> [String] {
        guard groups[member] != nil else { return [member] }
        return members(of: member).flatMap { leaves(of: $0) }
    }

    /// The nearest group around a member that gave up and has not started anew.
    func downGroup(around member: String) -> String? {
        var name = parents[member]
        while let group = name {
            if groups[group]?.isDown == true { return group }
            name = parents[group]
        }
        return nil
    }

    /// A member failed and is to start again.
    mutating func memberFailed(_ name: String, error: String, at now: Duration, random: Double) {
        // The root is one-for-one and leaves the intensity to each child.
        guard phase == .supervising, let parent = parents[name], !joinRound(of: name) else { return }
        guard groups[parent]?.allowsRestart(at: now) == true else {
            giveUp(parent, reason: excess(of: parent, error), at: now, random: random)
            return
        }
        groups[parent]?.pending.insert(name)
        beginRound(failed: name, in: parent)
    }

    /// An essential member is not to start again: the group around it gives up, or the root ends.
    mutating func escalate(_ name: String, reason: String, at now: Duration, random: Double) {
        guard phase == .supervising, !joinRound(of: name) else { return }
        if let parent = parents[name] {
            giveUp(parent, reason: "`\(name)` gave up: \(reason)", at: now, random: random)
        } else if leaves(of: name).contains(where: onTrial.contains) {
            if heldEscalation == nil { heldEscalation = (name, reason) }
        } else {
            escalation = (name, reason)
            beginShutDown()
        }
    }

    /// Nobody has brought back what was before.
    mutating func endTrial(at now: Duration, random: Double) {
        let names = onTrial.sorted()
        onTrial = []
        for name in names { retireReplaced(name) }
        guard let held = heldEscalation.take() else { return }
        escalate(held.name, reason: held.reason, at: now, random: random)
    }

    private mutating func giveUp(_ name: String, reason: String, at now: Duration, random: Double) {
        guard groups[name]?.allowsOwnRestart(at: now) == true else {
            actions.append(.report(.groupGaveUp(name, reason: reason, after: nil)))
            escalate(name, reason: reason, at: now, random: random)
            return
        }
        let parent = parents[name]
        if let parent, groups[parent]?.allowsRestart(at: now) != true {
            actions.append(.report(.groupGaveUp(name, reason: reason, after: nil)))
            giveUp(parent, reason: excess(of: parent, "`\(name)` gave up: \(reason)"), at: now, random: random)
            return
        }
        lastGroupTimer += 1
        let timer = TimerID.group(name, number: lastGroupTimer)
        guard let delay = groups[name]?.goDown(timer: timer, at: now, random: random) else { return }
        actions.append(.report(.groupGaveUp(name, reason: reason, after: delay)))
        if let parent { groups[parent]?.pending.insert(name) }
        beginRound(failed: name, in: parent)
        actions.append(.setTimer(timer, after: delay))
    }

    /// What fails inside a group that is down anyway goes down with it, and starts anew with it.
    private mutating func joinRound(of name: String) -> Bool {
        guard let down = downGroup(around: name), let number = roundOf[down] else { return false }
        freshenMember(name)
        widen(number, by: leaves(of: name))
        return true
    }

    /// A group starts anew: failures inside it are forgotten.
    mutating func freshen(_ name: String) {
        groups[name]?.freshen()
        for member in members(of: name) {
            freshenMember(member)
        }
    }

    private mutating func freshenMember(_ name: String) {
        if groups[name] == nil {
            for id in generations[name] ?? [] {
                children[id]?.freshen()
            }
        } else {
            if let timer = groups[name]?.freshenAll() { actions.append(.cancelTimer(timer)) }
            leaveRound(group: name)
            freshen(name)
        }
    }

    /// The members that belong to a group: those that another group has first are not among them.
    func members(of group: String) -> [String] {
        (groups[group]?.specification.members ?? []).filter { parents[$0] == group }
    }

    /// Whether a group is a member, or is inside it.
    private func isInside(_ group: String, of member: String) -> Bool {
        var name: String? = group
        while let current = name {
            if current == member { return true }
            name = parents[current]
        }
        return false
    }

    private func excess(of name: String, _ error: String) -> String {
        guard let group = groups[name]?.specification else { return error }
        return RestartPolicy.excess(group.intensity, within: group.period) + ": \(error)"
    }
}
