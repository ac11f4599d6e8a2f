import Supervision

extension Snapshot {
    /// One text line for each service, for the log.
    package var logLines: [String] { services.map(\.logLine) }
}

extension ServiceStatus {
    fileprivate var logLine: String {
        var parts = ["status", name, state]
        parts.append(stoppedByHand ? "by hand" : "for \(Self.words(stateSeconds))")
        if condition != .fine { parts.append("\(condition.rawValue) (\(conditionReason ?? ""))") }
        if let group { parts.append("group \(group)") }
        if let pid { parts.append("pid \(pid)") }
        if !listen.isEmpty { parts.append("on \(listen.joined(separator: " "))") }
        if let bridge { parts += bridge.logParts }
        if let traffic, let bridge { parts.append(Self.text(bridge, traffic)) }
        parts.append("connections \(connections), restarts \(restarts)")
        parts.append("generation \(generation)")
        if !essential { parts.append("not essential") }
        if let nextRestartSeconds { parts.append("next restart in \(Self.words(nextRestartSeconds))") }
        if let lastError { parts.append("last error: \(lastError)") }
        return parts.joined(separator: " ")
    }

    /// `requests 12 tunnels 3 of 10 open up 400 down 9000 failed connection_refused 2`.
    private static func text(_ bridge: BridgeStatus, _ traffic: Traffic) -> String {
        let failed = bridge.failures.sorted { $0.key < $1.key }.map { " \($0.key) \($0.value)" }.joined()
        return "requests \(bridge.requests) tunnels \(bridge.openTunnels) of \(bridge.tunnels) open "
            + "up \(traffic.received) down \(traffic.sent)" + (failed.isEmpty ? "" : " failed" + failed)
    }

    private static func words(_ seconds: Double) -> String {
        Duration.milliseconds(Int64(seconds * 1_000)).words
    }
}

extension BridgeStatus {
    /// `upstream residential[1] (failed 12s ago: connection_refused)`.
    fileprivate var logParts: [String] {
        upstream.map { ["upstream \($0)" + (trouble.map { " (\($0))" } ?? "")] } ?? []
    }
}
