import ServiceConfiguration

/// A pool with its members as allocations know them.
struct PoolRoster: Sendable {
    let settings: PoolSettings
    let members: [PoolMember]
    private let places: [PoolMember: Int]

    init(_ settings: PoolSettings) {
        self.settings = settings
        var members: [PoolMember] = []
        var places: [PoolMember: Int] = [:]
        for upstream in settings.members {
            var member = PoolMember(upstream, occurrence: 0)
            var occurrence = 0
            while places[member] != nil {
                occurrence += 1
                member = PoolMember(upstream, occurrence: occurrence)
            }
            places[member] = members.count
            members.append(member)
        }
        self.members = members
        self.places = places
    }

    /// Where the member stands in the file; nil when it is no longer there.
    func place(of member: PoolMember) -> Int? { places[member] }

    /// The address and credential that the file has for the member now.
    func upstream(of member: PoolMember) -> UpstreamProxy? {
        places[member].map { settings.members[$0] }
    }
}
