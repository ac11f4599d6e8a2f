/// What must be equal for a connection to be used for another request.
struct UpstreamKey: Hashable, Sendable {
    let generation: UInt64
    let upstream: UpstreamRoute
    let end: Authority

    init(_ snapshot: RouteSnapshot, _ way: Way) {
        generation = snapshot.generation
        upstream = snapshot.upstream
        end = way.end
    }
}
