/// A verdict as JSON: the answer to a load, a plan, or an order.
package struct VerdictDocument: Codable, Hashable, Sendable {
    package var version = 1
    /// `applied`, `unchanged`, `rejected`, `reverted`, `busy`, `called-off`; for a plan `planned` or `rejected`.
    package var outcome: String
    /// The generation that runs now.
    package var generation: UInt64
    /// Everything that was in the way.
    package var errors: [Problem] = []
    package var plan: [Step] = []
    /// What changes beside the services: `log.level`.
    package var settings: [String] = []
    /// What is not ready although the load was applied.
    package var unready: [Unready] = []
    /// Generations before that still drain: how many services, and how many connections they hold.
    package var draining: Drain?
    /// Until when the generation is on trial.
    package var probation: Probation?
    /// One line of text for a person.
    package var summary: String
    /// The exit code of a command that asked for it; see the manual page.
    package var exitCode: Int32

    package init(outcome: String, generation: UInt64, summary: String, exitCode: Int32) {
        self.outcome = outcome
        self.generation = generation
        self.summary = summary
        self.exitCode = exitCode
    }

    /// One thing in the way.
    package struct Problem: Codable, Hashable, Sendable {
        /// `configuration`, `bind`, `allocation`, `descriptors`, `probe`, `preparation`, `trial`, `busy`.
        package var kind: String
        package var service: String?
        package var file: String?
        package var line: Int?
        package var column: Int?
        package var address: String?
        package var errno: Int32?
        /// One sentence that starts with "cannot".
        package var message: String
        package var holder: Holder?
        /// The whole line as the log has it, with place and holder.
        package var text: String

        package init(kind: String, message: String, text: String) {
            self.kind = kind
            self.message = message
            self.text = text
        }
    }

    /// The process that is in the way.
    package struct Holder: Codable, Hashable, Sendable {
        package var pid: Int32
        package var command: String

        package init(pid: Int32, command: String) {
            self.pid = pid
            self.command = command
        }
    }

    /// What happens to one service.
    package struct Step: Codable, Hashable, Sendable {
        package var service: String
        /// `keep`, `apply`, `adopt`, `restart`, `start`, `stop`.
        package var step: String
        /// The key paths that cause it.
        package var causes: [String] = []
        /// Where the service stands in its file; for one that stops, where it stood.
        package var file: String?
        package var line: Int?
        /// How many open connections it will end, after they had time to finish.
        package var endsConnections: Int?
        /// The process that it will end.
        package var endsProcess: Int32?

        package init(service: String, step: String) {
            self.service = service
            self.step = step
        }
    }

    /// A service that is not ready.
    package struct Unready: Codable, Hashable, Sendable {
        package var service: String
        package var state: String
        package var reason: String?

        package init(service: String, state: String, reason: String?) {
            self.service = service
            self.state = state
            self.reason = reason
        }
    }

    /// What still drains.
    package struct Drain: Codable, Hashable, Sendable {
        package var services: Int
        package var connections: Int

        package init(services: Int, connections: Int) {
            self.services = services
            self.connections = connections
        }
    }
}
