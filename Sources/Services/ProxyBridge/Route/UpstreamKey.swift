/// What must be equal for a connection to be used for another request.
struct UpstreamKey: Hashable, Sendable {
    let route: RouteKey
    let end: Authority

    init(_ snapshot: RouteSnapshot, _ way: Way) {
        route = RouteKey(snapshot)
        end = way.end
    }
}
