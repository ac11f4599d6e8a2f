/// What must be equal for a connection to be used for another request.
struct UpstreamKey: Hashable, Sendable {
    let route: RouteKey
    let end: Authority
    /// Through which bridges of this process its requests have come.
    let bridges: [String]

    init(_ snapshot: RouteSnapshot, _ way: Way, cameBy bridges: [String] = []) {
        self.bridges = bridges
        route = RouteKey(snapshot)
        end = way.end
    }
}
