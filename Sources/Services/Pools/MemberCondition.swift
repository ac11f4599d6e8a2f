/// How good a member of a pool is to lend, the best first.
package enum MemberCondition: Int, Comparable, Sendable {
    case fine
    /// Given up a short time ago.
    case cooling
    /// The last one who used it did not reach it, or was refused.
    case failed

    package static func < (left: MemberCondition, right: MemberCondition) -> Bool { left.rawValue < right.rawValue }
}
