/// Why a service cannot accept for the moment; it goes on by itself.
package struct AcceptTrouble: Hashable, Sendable {
    /// The errno of accept(2): EMFILE, ENFILE, ENOBUFS or ENOMEM.
    package var errno: Int32
    /// How often accepting has failed since the last report.
    package var occurrences: Int
}
