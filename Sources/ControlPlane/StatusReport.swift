package import Supervision

/// The state of the whole daemon at one moment; every view is made from this one value.
package struct StatusReport: Sendable {
    /// One service with its connections.
    package struct Line: Sendable {
        package var child: ChildStatus
        package var listen: [String]
        package var connections: Int

        package init(child: ChildStatus, listen: [String], connections: Int) {
            self.child = child
            self.listen = listen
            self.connections = connections
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
            var parts = ["status", child.id.name, child.state.rawValue, "for \(seconds(child.age))"]
            if !line.listen.isEmpty { parts.append("on \(line.listen.joined(separator: " "))") }
            parts.append("connections \(line.connections), restarts \(child.restarts)")
            parts.append("generation \(child.id.generation)")
            if let delay = child.nextRestart { parts.append("next restart in \(seconds(delay))") }
            if let error = child.lastError { parts.append("last error: \(error)") }
            return parts.joined(separator: " ")
        }
    }

    private func seconds(_ duration: Duration) -> String {
        "\(duration.components.seconds).\(duration.components.attoseconds / 100_000_000_000_000_000)s"
    }
}
