import Supervision

extension MetricsText {
    static func states(_ services: [MeasuredService]) -> [MetricFamily] {
        var info = MetricFamily("service_info", .gauge, "The type and the group of a service; the value is 1.")
        var state = MetricFamily("service_state", .gauge, "The state of a service: 1 for the one that it is in.")
        var since = MetricFamily("service_state_seconds", .gauge, "How long a service has been in its state.")
        var ready = MetricFamily("service_ready", .gauge, "1 when a service is ready.")
        var condition = MetricFamily(
            "service_condition",
            .gauge,
            "How a service does while it runs: 1 for the condition that it is in."
        )
        var generation = MetricFamily("service_generation", .gauge, "The configuration that started a service.")
        var essential = MetricFamily("service_essential", .gauge, "1 when the daemon is not ready without the service.")
        var byHand = MetricFamily("service_stopped_by_hand", .gauge, "1 when a service was stopped by an order.")
        var restarts = MetricFamily("service_restarts_total", .counter, "How often a service was started again.")
        let states = ChildState.allCases.map(\.rawValue)
        let conditions = ServiceStatus.Condition.allCases.map(\.rawValue)
        for service in services.map(\.status) {
            let name = service.name
            info.add(1, ["service": name, "type": service.type, "group": service.group ?? ""])
            state.addSet("state", states, present: service.state, ["service": name])
            since.add(service.stateSeconds, ["service": name])
            ready.add(service.state == ChildState.ready.rawValue, ["service": name])
            condition.addSet("condition", conditions, present: service.condition.rawValue, ["service": name])
            generation.add(service.generation, ["service": name])
            essential.add(service.essential, ["service": name])
            byHand.add(service.stoppedByHand, ["service": name])
            restarts.add(service.restarts, ["service": name])
        }
        return [info, state, since, ready, condition, generation, essential, byHand, restarts]
    }

    static func traffic(_ services: [MeasuredService]) -> [MetricFamily] {
        var open = MetricFamily(
            "service_connections",
            .gauge,
            "Open connections, those of earlier generations included."
        )
        var limit = MetricFamily("service_connection_limit", .gauge, "How many connections a service may have open.")
        // Not `service_connections_total`: without its suffix, as OpenMetrics has it, that is the name of a gauge.
        var accepted = MetricFamily("service_accepted_connections_total", .counter, "Connections accepted.")
        var received = MetricFamily("service_received_bytes_total", .counter, "Bytes received from clients.")
        var sent = MetricFamily("service_sent_bytes_total", .counter, "Bytes sent to clients.")
        for service in services {
            let labels: KeyValuePairs = ["service": service.status.name]
            if let allowed = service.status.connectionLimit {
                open.add(service.connections, labels)
                limit.add(allowed, labels)
            }
            if let traffic = service.status.traffic {
                accepted.add(traffic.connections, labels)
                received.add(traffic.received, labels)
                sent.add(traffic.sent, labels)
            }
        }
        return [open, limit, accepted, received, sent]
    }

    static func bridges(_ services: [MeasuredService]) -> [MetricFamily] {
        var requests = MetricFamily("bridge_requests_total", .counter, "Requests of clients to a proxy bridge.")
        var tunnels = MetricFamily("bridge_tunnels_total", .counter, "Tunnels that a proxy bridge has opened.")
        var open = MetricFamily("bridge_open_tunnels", .gauge, "Open tunnels, those of earlier generations included.")
        var trouble = MetricFamily("bridge_upstream_trouble", .gauge, "1 while something is wrong with the upstream.")
        var failures = MetricFamily(
            "bridge_failures_total",
            .counter,
            "Requests that a proxy bridge could not fulfil, by the error type of RFC 9209."
        )
        for service in services {
            guard let bridge = service.status.bridge else { continue }
            let name = service.status.name
            requests.add(bridge.requests, ["service": name])
            tunnels.add(bridge.tunnels, ["service": name])
            open.add(service.openTunnels, ["service": name])
            trouble.add(bridge.trouble != nil, ["service": name])
            for (error, count) in bridge.failures.sorted(by: { $0.key < $1.key }) {
                failures.add(count, ["service": name, "error": error])
            }
        }
        return [requests, tunnels, open, trouble, failures]
    }
}
