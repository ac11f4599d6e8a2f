/// What the driver holds of a running child: the ways to ask it and to cancel it.
struct ChildLink: Sendable {
    let stop = Signal()
    let scope = CancellableScope()
}
