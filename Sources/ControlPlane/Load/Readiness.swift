package import Supervision

/// How many services of a generation are ready, and what keeps the others from it.
package struct Readiness: Hashable, Sendable {
    /// A service that is not ready.
    package struct Unready: Hashable, Sendable {
        package var service: String
        package var state: ChildState
        /// The text of its last failure, or whom it waits for.
        package var reason: String?

        package init(service: String, state: ChildState, reason: String?) {
            self.service = service
            self.state = state
            self.reason = reason
        }
    }

    /// A line names so many services; the status shows them all.
    private static let namedServices = 5

    /// All services of the configuration.
    package var services: Int
    package var unready: [Unready]

    package init(services: Int, unready: [Unready]) {
        self.services = services
        self.unready = unready
    }

    /// True when not everything that the configuration wants is ready.
    package var isDegraded: Bool { !unready.isEmpty }
}

extension Readiness: CustomStringConvertible {
    /// `3 services ready`, or `2 of 3 services ready: chrome@0 is backing-off: exit code 1`.
    package var description: String {
        let noun = services == 1 ? "service" : "services"
        guard isDegraded else { return "\(services) \(noun) ready" }
        let named = unready.prefix(Self.namedServices).map(\.description)
        let rest = unready.count - named.count
        let list = (named + (rest > 0 ? ["\(rest) more"] : [])).joined(separator: "; ")
        return "\(services - unready.count) of \(services) \(noun) ready: \(list)"
    }
}

extension Readiness.Unready: CustomStringConvertible {
    package var description: String {
        "\(service) is \(state.rawValue)" + (reason.map { ": \($0)" } ?? "")
    }
}
