package import ServiceConfiguration

/// A service for which an exclusive pool has no member left.
package struct PoolFailure: Error, Hashable, Sendable {
    /// Who has a member.
    package struct Holder: Hashable, Sendable {
        /// Like `residential[0]`.
        package var member: String
        package var service: String
    }

    /// A message names so many holders; the status shows them all.
    private static let namedHolders = 16

    package var service: String
    package var pool: PoolSettings
    /// In the order of the members.
    package var holders: [Holder]
}

extension PoolFailure: CustomStringConvertible {
    package var description: String {
        let named = holders.prefix(Self.namedHolders).map { "\($0.member) by \($0.service)" }
        let rest = holders.count - named.count
        let list = (named + (rest > 0 ? ["\(rest) more"] : [])).joined(separator: ", ")
        let isLimited = pool.limit != nil
        let all = "all \(holders.count)\(isLimited ? " places" : "") are taken"
        let taken = holders.count == 1 && !isLimited ? "its only member is taken" : all
        return "cannot allocate a member of the pool `\(pool.name)` for `\(service)`: \(taken) (\(list)); "
            + (isLimited ? "add members, raise `limit` or lower instances" : "add members or lower instances")
    }
}
