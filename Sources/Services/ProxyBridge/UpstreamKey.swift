/// What must be equal for a connection to be used for another request.
struct UpstreamKey: Hashable, Sendable {
    let generation: UInt64
    let upstream: UpstreamRoute
    let nextHop: Authority

    init(_ snapshot: RouteSnapshot, origin: Authority) {
        generation = snapshot.generation
        upstream = snapshot.upstream
        nextHop = snapshot.nextHop(for: origin)
    }
}
