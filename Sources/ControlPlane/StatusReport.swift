package import Supervision

/// The state of the whole daemon at one moment; every view is made from this one value.
package struct StatusReport: Sendable {
    /// One service with what it holds.
    package struct Line: Sendable {
        package var child: ChildStatus
        package var listen: [String]
        package var connections: Int
        /// A failure of the service ends its group or the daemon.
        package var isEssential: Bool
        /// The process of its program.
        package var pid: Int32?
        /// The upstream in use; a member of a pool with its index.
        package var upstream: String?
        /// What a proxy bridge has done, in words.
        package var traffic: String?

        package init(
            child: ChildStatus,
            listen: [String],
            connections: Int,
            isEssential: Bool = true,
            pid: Int32? = nil,
            upstream: String? = nil,
            traffic: String? = nil
        ) {
            self.traffic = traffic
            self.child = child
            self.listen = listen
            self.connections = connections
            self.isEssential = isEssential
            self.pid = pid
            self.upstream = upstream
        }
    }

    package var generation: UInt64
    package var lines: [Line]

    package init(generation: UInt64, lines: [Line]) {
        self.generation = generation
        self.lines = lines
    }

    /// One text line for each service, for the log.
    package var text: [String] {
        lines.map { line in
            let child = line.child
            var parts = ["status", child.id.name, child.state.rawValue, "for \(child.age.words)"]
            if let condition = Self.text(of: child.condition) { parts.append(condition) }
            if let group = child.group { parts.append("group \(group)") }
            if let pid = line.pid { parts.append("pid \(pid)") }
            if !line.listen.isEmpty { parts.append("on \(line.listen.joined(separator: " "))") }
            if let upstream = line.upstream { parts.append("upstream \(upstream)") }
            if let traffic = line.traffic { parts.append(traffic) }
            parts.append("connections \(line.connections), restarts \(child.restarts)")
            parts.append("generation \(child.id.generation)")
            if !line.isEssential { parts.append("not essential") }
            if let delay = child.nextRestart { parts.append("next restart in \(delay.words)") }
            if let error = child.lastError { parts.append("last error: \(error)") }
            return parts.joined(separator: " ")
        }
    }

    private static func text(of condition: ChildCondition) -> String? {
        switch condition {
        case .fine: nil
        case .unhealthy(let reason): "unhealthy (\(reason))"
        case .blocked(let reason): "blocked (\(reason))"
        }
    }
}
