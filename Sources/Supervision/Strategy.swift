/// Who restarts with a failed child of a group, in OTP's words.
public enum Strategy: String, Hashable, Sendable, CaseIterable {
    /// Only the child that failed.
    case oneForOne = "one-for-one"
    /// Every child of the group.
    case oneForAll = "one-for-all"
    /// The child that failed and those that come after it in the group.
    case restForOne = "rest-for-one"
}
