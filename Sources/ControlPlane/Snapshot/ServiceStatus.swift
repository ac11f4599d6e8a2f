/// What a snapshot says of one service, or of one generation of it.
package struct ServiceStatus: Codable, Hashable, Sendable {
    /// How a service does while it runs.
    package enum Condition: String, Codable, Sendable, CaseIterable {
        case fine
        case unhealthy
        case blocked
    }

    /// `echo`, or `bridge@1` for an instance.
    package var name: String
    /// As in the file: `echo`, `forward`, `proxy-bridge`, `process`.
    package var type: String
    /// The configuration that started it.
    package var generation: UInt64
    /// A state of the child: `created`, `preparing`, `running`, `ready`, `draining`, `backing-off`, `stopped` or
    /// `failed`.
    package var state: String
    /// How long it has been in this state.
    package var stateSeconds: Double
    package var condition = Condition.fine
    /// Why the condition is not fine.
    package var conditionReason: String?
    /// How often it was started again, alone or with its group.
    package var restarts = 0
    /// The time until the next attempt, while it is backing off.
    package var nextRestartSeconds: Double?
    package var lastError: String?
    /// Why it is not running although it has not failed: whom it waits for.
    package var waitsFor: [String] = []
    package var requires: [String] = []
    /// The innermost group that it belongs to.
    package var group: String?
    package var essential = true
    /// True when it was stopped by an order and stays so until it is started by one.
    package var stoppedByHand = false
    /// True when it belongs to the committed configuration; false for one that only drains.
    package var current = true
    /// The process of its program.
    package var pid: Int32?
    /// Where it listens, with the ports that the kernel chose: `127.0.0.1:7007`.
    package var listen: [String] = []
    /// Where a forward sends to: `127.0.0.1:80`.
    package var target: String?
    /// Open connections.
    package var connections = 0
    /// What `max_connections` allows; nil for a process.
    package var connectionLimit: Int?
    /// Nil for a process.
    package var traffic: Traffic?
    /// Nil for all but a proxy bridge.
    package var bridge: BridgeStatus?

    package init(name: String, type: String, generation: UInt64, state: String, stateSeconds: Double) {
        self.name = name
        self.type = type
        self.generation = generation
        self.state = state
        self.stateSeconds = stateSeconds
    }
}
