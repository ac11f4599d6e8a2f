import Addresses
import ControlPlane
import Planning
import ServiceConfiguration
import Services
import Sockets
import Supervision

/// Puts a snapshot together from what the daemon's loop knows at one moment.
struct SnapshotView {
    let state: RunningState
    /// Every child of the tree, in start order.
    let children: [ChildStatus]
    let listeners: ListenerTable
    let pools: [PoolReport]
    let now: ContinuousClock.Instant
    /// Since when what is declared does not run.
    let absentSince: [String: ContinuousClock.Instant]

    /// The whole snapshot.
    ///
    /// - Parameters:
    ///   - daemon: All that is said of the daemon itself.
    ///   - loads: The last loads.
    ///   - rates: Remembers for the next snapshot.
    /// - Returns: The snapshot.
    func snapshot(_ daemon: DaemonStatus, loads: [LoadRecord], rates: inout RateMeter) -> Snapshot {
        var snapshot = Snapshot(daemon: daemon)
        let specifications = Dictionary(uniqueKeysWithValues: state.intent.declared.services.map { ($0.name, $0) })
        let states = Dictionary(children.map { ($0.id.name, $0) }, uniquingKeysWith: { _, last in last })
        let services = children.map { status(of: $0, specifications[$0.id.name], states, &rates) } + absent
        // Whoever looks twice finds each service where it was, whatever has restarted meanwhile.
        let places = Dictionary(uniqueKeysWithValues: state.intent.declared.services.enumerated().map { ($1.name, $0) })
        snapshot.services = services.enumerated().sorted { left, right in
            let (one, other) = (places[left.element.name] ?? .max, places[right.element.name] ?? .max)
            return one == other ? left.offset < right.offset : one < other
        }.map(\.element)
        rates.keep(only: Set(children.map(\.id)))
        snapshot.groups = groups
        snapshot.pools = pools.map { PoolStatus($0) }
        snapshot.loads = loads
        return snapshot
    }

    private func status(
        of child: ChildStatus,
        _ specification: ServiceSpecification?,
        _ states: [String: ChildStatus],
        _ rates: inout RateMeter
    ) -> ServiceStatus {
        let member = state.member(child.id)
        let isCurrent = state.members[child.id.name]?.child == child.id
        var status = ServiceStatus(
            name: child.id.name,
            type: (member?.kind ?? specification?.kind)?.word ?? "",
            generation: child.id.generation,
            state: child.state.rawValue,
            stateSeconds: child.age.roundedSeconds
        )
        status.take(child)
        status.current = isCurrent
        if isCurrent, let specification {
            status.requires = specification.requires
            status.essential = specification.essential
            status.listen = (member?.listen ?? []).compactMap { listeners.address(of: $0)?.description }
            status.target = specification.kind.target
            if child.state == .created {
                status.waitsFor = specification.requires.filter { states[$0]?.state != .ready }
            }
        }
        guard let service = member?.service else { return status }
        let details = service.details
        status.pid = details.pid
        status.connections = service.openConnections
        if let totals = service.totals {
            status.connectionLimit = specification?.maxConnections
            status.traffic = rates.traffic(of: child.id, totals, at: now)
        }
        status.bridge = details.upstream.map { BridgeStatus(details, upstream: $0) }
        return status
    }

    /// What is declared and does not run: it was stopped by hand, requires what was, or the daemon has ended it.
    private var absent: [ServiceStatus] {
        let absent = state.intent.absent.union(Set(absentSince.keys).subtracting(children.map(\.id.name)))
        guard !absent.isEmpty else { return [] }
        return state.intent.declared.services.filter { absent.contains($0.name) }.map { specification in
            var status = ServiceStatus(
                name: specification.name,
                type: specification.kind.word,
                generation: state.generation,
                state: ChildState.stopped.rawValue,
                stateSeconds: (absentSince[specification.name]?.duration(to: now) ?? .zero).roundedSeconds
            )
            status.stoppedByHand = state.intent.held.contains(specification.name)
            status.requires = specification.requires
            status.waitsFor = specification.requires.filter(absent.contains)
            status.essential = specification.essential
            status.group = state.intent.declared.groups.first { $0.children.contains(specification.name) }?.name
            return status
        }
    }

    private var groups: [GroupStatus] {
        let declared = state.intent.declared.groups
        var parents: [String: String] = [:]
        for group in declared {
            for child in group.children where parents[child] == nil { parents[child] = group.name }
        }
        return declared.map {
            GroupStatus(
                name: $0.name,
                strategy: $0.strategy.rawValue,
                group: parents[$0.name],
                children: $0.children
            )
        }
    }
}

extension ServiceStatus {
    /// What the tree knows.
    fileprivate mutating func take(_ child: ChildStatus) {
        switch child.condition {
        case .fine: condition = .fine
        case .unhealthy(let reason): (condition, conditionReason) = (.unhealthy, reason)
        case .blocked(let reason): (condition, conditionReason) = (.blocked, reason)
        }
        restarts = child.restarts
        nextRestartSeconds = child.nextRestart?.roundedSeconds
        lastError = child.lastError
        group = child.group
    }
}

extension BridgeStatus {
    fileprivate init(_ details: ServiceDetails, upstream: String) {
        self.init()
        self.upstream = upstream
        trouble = details.upstreamTrouble
        guard let counters = details.counters else { return }
        requests = counters.requests
        tunnels = counters.tunnels
        openTunnels = counters.openTunnels
        failures = counters.failures
    }
}

extension PoolStatus {
    fileprivate init(_ report: PoolReport) {
        self.init(name: report.name, allocation: report.allocation.rawValue)
        members = report.members.map { member in
            let upstream = member.upstream
            let host = upstream.host.contains(":") ? "[\(upstream.host)]" : upstream.host
            var status = Member(name: upstream.id, address: "\(upstream.scheme.rawValue)://\(host):\(upstream.port)")
            switch member.condition {
            case .fine: status.state = .fine
            case .cooling: status.state = .cooling
            case .failed: status.state = .failed
            }
            status.trouble = member.trouble?.word
            status.troubleSeconds = member.trouble?.age.roundedSeconds
            status.holders = member.holders
            return status
        }
    }
}

extension ServiceKind {
    /// As in the file.
    fileprivate var word: String {
        switch self {
        case .echo: "echo"
        case .forward: "forward"
        case .proxyBridge: "proxy-bridge"
        case .process: "process"
        case .endpoint: "endpoint"
        }
    }

    fileprivate var target: String? {
        if case .forward(let settings) = self { "\(settings.to.value)" } else { nil }
    }
}
