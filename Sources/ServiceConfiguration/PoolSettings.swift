/// A set of upstream proxies of which each bridge uses one.
package struct PoolSettings: Hashable, Sendable {
    /// How bridges come to their member.
    package enum Allocation: String, CaseIterable, Sendable {
        /// A member serves one bridge at a time.
        case exclusive
        /// A member serves any number of bridges; each bridge prefers one by its own name.
        case shared
        /// Each allocation takes the next member in turn.
        case roundRobin = "round-robin"
    }

    package var name: String
    /// Where the pool is defined, or where the bridge that holds these settings asks for it; not part of its identity.
    package var position: Located<String>
    package var allocation: Allocation
    /// Never empty; the id of each is `POOL[INDEX]`.
    package var members: [UpstreamProxy]
    /// How many bridges share a member; nil: any number.
    package var limit: Int?
    /// How long a member that was given up is not lent again, unless nothing else is free.
    package var cooldown = Duration.zero
    /// Nil: a member is known by what bridges meet.
    package var check: PoolCheck?

    /// How many bridges may hold one member.
    package var capacity: Int {
        switch allocation {
        case .exclusive: 1
        case .shared: limit ?? Int.max
        case .roundRobin: Int.max
        }
    }

    package init(
        name: String,
        at position: SourcePosition,
        allocation: Allocation,
        members: [UpstreamProxy]
    ) {
        self.name = name
        self.position = Located(name, at: position)
        self.allocation = allocation
        self.members = members
    }
}
