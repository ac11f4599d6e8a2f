/// What came of a request to move a running service to another member of its pool.
package enum Rotation: Hashable, Sendable {
    /// It uses this member from now on.
    case moved(to: String)
    /// Its upstream is from no pool.
    case notPooled
    /// No other member is free.
    case nothingFree
    /// A load is being staged, which counts on what each bridge holds.
    case busy
}
