/// What a plan entry means for the service that runs.
package struct StepDetail: Hashable, Sendable {
    /// Open connections that the step ends, after they had time to finish; nil: it ends none.
    package var connections: Int?
    /// The process that the step ends.
    package var pid: Int32?

    package init(connections: Int? = nil, pid: Int32? = nil) {
        self.connections = connections
        self.pid = pid
    }
}
