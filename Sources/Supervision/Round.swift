/// One restart of several children together: they go down, are held, and start in the order of their requirements.
///
/// A round covers names, so a child that takes the place of a covered one during the round is held as well.
struct Round: Sendable {
    /// Names of the children to restart.
    var covered: Set<String> = []
    /// Groups that gave up and start anew with this round.
    var groups: Set<String> = []
    /// Names of covered children that are not down, or whose delay is not over, and of groups whose delay is not over.
    var waiting: Set<String> = []

    /// Takes over another round: both restart together, when the last of both is down.
    mutating func formUnion(_ other: Round) {
        covered.formUnion(other.covered)
        groups.formUnion(other.groups)
        waiting.formUnion(other.waiting)
    }
}
