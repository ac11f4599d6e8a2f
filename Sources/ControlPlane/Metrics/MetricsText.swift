/// A snapshot in the text format 0.0.4 of Prometheus, the answer of `GET /metrics`.
///
/// Labels have bounded values only: names from the file, words of closed sets. Whatever has no bound, such as an error
/// text, a generation or the number of a process, is a value or is left out.
package struct MetricsText: Sendable {
    /// The `Content-Type` of the text.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Every way in which a load can end; each is there from the start, so that a first one is seen as an increase.
    private static let outcomes = ["applied", "called-off", "rejected", "reverted", "unchanged"]

    package let text: String

    package init(of snapshot: Snapshot) {
        let services = MeasuredService.all(of: snapshot)
        let families =
            Self.daemon(snapshot.daemon) + Self.loads(snapshot) + Self.draining(snapshot)
            + Self.states(services) + Self.traffic(services) + Self.bridges(services) + Self.pools(snapshot.pools)
        text = families.map(\.text).joined()
    }

    private static func daemon(_ daemon: DaemonStatus) -> [MetricFamily] {
        var build = MetricFamily("build_info", .gauge, "The version of the program; the value is 1.")
        build.add(1, ["version": daemon.version])
        var uptime = MetricFamily("uptime_seconds", .gauge, "How long the daemon has been running.")
        uptime.add(daemon.uptimeSeconds)
        var state = MetricFamily("state", .gauge, "What the daemon is doing: 1 for the state that it is in.")
        state.addSet("state", DaemonStatus.State.allCases.map(\.rawValue), present: daemon.state.rawValue)
        var ready = MetricFamily("ready", .gauge, "1 when every essential service serves and the daemon does not end.")
        ready.add(daemon.ready)
        return [build, uptime, state, ready]
    }

    private static func loads(_ snapshot: Snapshot) -> [MetricFamily] {
        let daemon = snapshot.daemon
        var generation = MetricFamily(
            "configuration_generation",
            .gauge,
            "The number of the committed configuration; 0 before the first."
        )
        generation.add(daemon.generation)
        var loads = MetricFamily("loads_total", .counter, "Loads and orders that are over, by how they ended.")
        for outcome in Set(outcomes).union(daemon.loads.keys).sorted() {
            loads.add(daemon.loads[outcome] ?? 0, ["outcome": outcome])
        }
        var last = MetricFamily("last_load_successful", .gauge, "1 when the last load was applied or changed nothing.")
        if let outcome = snapshot.loads.last?.verdict.outcome {
            last.add(["applied", "unchanged"].contains(outcome))
        }
        var underWay = MetricFamily("load_under_way", .gauge, "1 while a load is under way.")
        underWay.add(daemon.load != nil)
        var trial = MetricFamily(
            "trial_remaining_seconds",
            .gauge,
            "What is left of the trial of this generation; 0 when it is not on trial."
        )
        trial.add(daemon.probation.map { $0.failure == nil ? $0.remainingSeconds : 0 } ?? 0)
        return [generation, loads, last, underWay, trial]
    }

    private static func draining(_ snapshot: Snapshot) -> [MetricFamily] {
        let old = snapshot.services.filter { !$0.current }
        var services = MetricFamily("draining_services", .gauge, "Services of earlier generations that still drain.")
        services.add(old.count)
        var connections = MetricFamily(
            "draining_connections",
            .gauge,
            "Open connections of services of earlier generations."
        )
        connections.add(old.reduce(0) { $0 + $1.connections })
        return [services, connections]
    }

    private static func pools(_ pools: [PoolStatus]) -> [MetricFamily] {
        var info = MetricFamily("pool_info", .gauge, "How a pool of upstreams is allocated; the value is 1.")
        var state = MetricFamily(
            "pool_member_state",
            .gauge,
            "What is known of a member of a pool: 1 for the state that it is in."
        )
        var holders = MetricFamily("pool_member_holders", .gauge, "How many services hold a member of a pool.")
        for pool in pools {
            info.add(1, ["pool": pool.name, "allocation": pool.allocation])
            for member in pool.members {
                state.addSet(
                    "state",
                    PoolStatus.Member.State.allCases.map(\.rawValue),
                    present: member.state.rawValue,
                    ["pool": pool.name, "member": member.name]
                )
                holders.add(member.holders.count, ["pool": pool.name, "member": member.name])
            }
        }
        return [info, state, holders]
    }
}
