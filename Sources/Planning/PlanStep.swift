/// What a reload does to one service.
package enum PlanStep: String, Hashable, Sendable, CaseIterable {
    /// Nothing: the service is not touched.
    case keep
    /// Its settings change while it runs; listening sockets and open connections go on.
    case apply
    /// A new instance takes over an address that another service owned.
    case adopt
    /// A new instance replaces the running one, which drains.
    case restart
    case start
    case stop

    /// True for the steps that run a new instance.
    package var startsInstance: Bool {
        switch self {
        case .adopt, .restart, .start: true
        case .keep, .apply, .stop: false
        }
    }
}
