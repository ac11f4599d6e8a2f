/// Checks who belongs to which group, and makes the groups of all instances.
struct GroupCheck {
    /// A child that the file defines: a service or a group, by its place among those.
    private struct Member {
        enum Kind {
            case service(Int)
            case group(Int)
        }

        var child: GroupOutline.Child
        var kind: Kind

        var group: Int? {
            guard case .group(let index) = kind else { return nil }
            return index
        }
    }

    /// What a group turned out to be.
    private enum Outcome {
        /// All its services are disabled.
        case absent
        /// `instances` is nil for a group of services without the key.
        case present(instances: Int?)
        /// Something in it was reported.
        case unknown
    }

    /// Deeper than anybody keeps in mind; who stops or restarts a group goes through all its levels.
    private static let depthLimit = 16

    let log: DiagnosticLog
    let services: [ServiceOutline]
    let groups: [GroupOutline]

    /// Every instance of every group, after those that it contains.
    func settings() -> [GroupSettings] {
        guard !groups.isEmpty else { return [] }
        let members = members()
        let inner = members.map { $0.filter { $0.group != nil } }
        var isRound = false
        let walk = DepthFirstWalk(edges: inner.map { $0.compactMap(\.group) }) { circle in
            isRound = true
            guard let last = circle.last else { return }
            let child = inner[last.node][last.edge].child
            log.report(
                child.position,
                "cannot put the group `\(child.name)` into itself: "
                    + "\(Wording.circle(circle) { groups[$0.node].name }); remove a child"
            )
        }
        return isRound ? [] : settings(of: members, in: walk.order)
    }

    /// The children of each group that are known.
    private func members() -> [[Member]] {
        let numbers = Dictionary(
            services.enumerated().map { ($0.element.name, $0.offset) },
            uniquingKeysWith: { first, _ in first }
        )
        var kinds = numbers.mapValues { Member.Kind.service($0) }
        for (index, group) in groups.enumerated() {
            guard let number = numbers[group.name] else {
                kinds[group.name] = .group(index)
                continue
            }
            let place = log.source(services[number].position)
            log.report(
                group.position,
                "cannot name a group `\(group.name)`: the service at \(place) has this name, choose another"
            )
        }
        var owners: [String: (group: Int, child: GroupOutline.Child)] = [:]
        return groups.enumerated().map { index, group in
            group.children.compactMap { child in
                guard let kind = kinds[child.name] else {
                    // Without any service there is a greater mistake than this.
                    if !services.isEmpty { log.reportMissing(child.position, unknown(child, in: group)) }
                    return nil
                }
                if let owner = owners[child.name] {
                    log.report(child.position, twice(child, in: index, owner: owner))
                    return nil
                }
                owners[child.name] = (index, child)
                return Member(child: child, kind: kind)
            }
        }
    }

    private func twice(
        _ child: GroupOutline.Child,
        in index: Int,
        owner: (group: Int, child: GroupOutline.Child)
    ) -> String {
        let group = groups[index].name
        guard owner.group != index else {
            return "cannot put `\(child.name)` into the group `\(group)` twice: remove the second"
        }
        let other = "`\(groups[owner.group].name)` has it at \(log.source(owner.child.position))"
        return "cannot put `\(child.name)` into the group `\(group)`: \(other); remove one of the two"
    }

    private func unknown(_ child: GroupOutline.Child, in group: GroupOutline) -> String {
        if let base = Names.base(ofInstance: child.name), (services.map(\.name) + groups.map(\.name)).contains(base) {
            return "cannot put the instance `\(child.name)` into the group `\(group.name)`: "
                + "a group takes all instances of its children, write `\(base)`"
        }
        let advice = Wording.suggestion(
            for: child.name,
            among: (services.map(\.name) + groups.map(\.name)).filter { $0 != group.name },
            otherwise: "define it under `services` or `groups`"
        )
        let shown = Wording.quoted(child.name)
        return "cannot put \(shown) into the group `\(group.name)`: there is none of this name; \(advice)"
    }

    private func settings(of members: [[Member]], in order: [Int]) -> [GroupSettings] {
        var outcomes = Array(repeating: Outcome.unknown, count: groups.count)
        var depths = Array(repeating: 1, count: groups.count)
        var settings: [GroupSettings] = []
        for index in order {
            let group = groups[index]
            for inner in members[index].compactMap(\.group) { depths[index] = max(depths[index], depths[inner] + 1) }
            guard depths[index] <= Self.depthLimit else {
                log.report(
                    group.position,
                    "cannot nest groups over \(Self.depthLimit) levels deep: put the children into fewer groups"
                )
                return []
            }
            outcomes[index] = outcome(of: index, members: members[index], outcomes: outcomes)
            guard case .present(let instances) = outcomes[index] else { continue }
            let numbers: [Int?] = instances.map { Array(0..<$0) } ?? [nil]
            guard settings.count + numbers.count <= Schema.serviceLimit else {
                log.report(
                    group.position,
                    "cannot run over \(Schema.serviceLimit) instances of groups: remove some, or run fewer instances"
                )
                return []
            }
            let children = present(among: members[index], outcomes: outcomes)
            settings += numbers.map { number in
                let suffix = number.map { "@\($0)" } ?? ""
                var result = GroupSettings(
                    name: group.name + suffix,
                    at: log.source(group.position),
                    children: children.map { $0.name + suffix }
                )
                result.strategy = group.strategy
                result.intensity = group.intensity
                result.period = group.period
                return result
            }
        }
        return settings
    }

    /// The children that are enabled, or have one that is.
    private func present(among members: [Member], outcomes: [Outcome]) -> [GroupOutline.Child] {
        members.filter { member in
            switch member.kind {
            case .service(let number): return services[number].settings.isEnabled
            case .group(let number):
                guard case .absent = outcomes[number] else { return true }
                return false
            }
        }.map(\.child)
    }

    /// The number of instances that all children have; a child with another number is reported.
    private func outcome(of index: Int, members: [Member], outcomes: [Outcome]) -> Outcome {
        var first: (name: String, instances: Int?)?
        for member in members {
            let instances: Int?
            switch member.kind {
            case .service(let number):
                let settings = services[number].settings
                guard settings.isEnabled else { continue }
                guard settings.isInstanceCountKnown else { return .unknown }
                instances = settings.instances
            case .group(let number):
                switch outcomes[number] {
                case .absent: continue
                case .unknown: return .unknown
                case .present(let count): instances = count
                }
            }
            guard let known = first else {
                first = (member.child.name, instances)
                continue
            }
            guard instances == known.instances else {
                let pair =
                    "`\(known.name)` \(shown(known.instances)) and `\(member.child.name)` \(shown(instances))"
                log.report(
                    member.child.position,
                    "cannot group \(pair): give all children of `\(groups[index].name)` the same `instances`"
                )
                return .unknown
            }
        }
        return first.map { .present(instances: $0.instances) } ?? .absent
    }

    private func shown(_ instances: Int?) -> String {
        switch instances {
        case nil: "without instances"
        case 1?: "with 1 instance"
        case let count?: "with \(count) instances"
        }
    }
}
