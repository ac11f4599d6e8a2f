package import ServiceConfiguration

/// What is known of a pool at one moment: who holds its members, and how they did of late.
package struct PoolReport: Sendable {
    /// One upstream of the pool.
    package struct Member: Sendable {
        package var upstream: UpstreamProxy
        package var condition: MemberCondition
        /// What it did last when it failed, and how long ago; an error type of RFC 9209.
        package var trouble: (word: String, age: Duration)?
        /// The services that hold it, in the order of their names.
        package var holders: [String]
    }

    package var name: String
    package var allocation: PoolSettings.Allocation
    package var members: [Member]
}

extension UpstreamPools {
    /// Every pool that a bridge uses, in the order of their names.
    package var reports: [PoolReport] {
        let (pools, health, now) = present
        return pools.map { settings, members in
            PoolReport(
                name: settings.name,
                allocation: settings.allocation,
                members: zip(settings.members, members).map { upstream, member in
                    PoolReport.Member(
                        upstream: upstream,
                        condition: health.condition(of: member.holding, at: now),
                        trouble: health.mark(of: member.holding, at: now).map { ($0.word, now - $0.last) },
                        holders: member.holders
                    )
                }
            )
        }
    }
}
