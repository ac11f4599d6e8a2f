/// What a reload changes about the connections to an upstream: none is used across it.
struct RouteKey: Hashable, Sendable {
    let generation: UInt64
    /// With its credential.
    let upstream: UpstreamRoute

    init(_ snapshot: RouteSnapshot) {
        generation = snapshot.generation
        upstream = snapshot.upstream
    }
}
