/// What the control plane asks of the daemon: the one door between the two.
///
/// Every question is answered, also while a load is under way and while the daemon shuts down.
package protocol Steering: Sendable {
    /// What has happened, and what happens.
    var events: EventJournal { get }

    func snapshot() async -> Snapshot

    /// The open connections of a service, an instance or a group, or all; oldest first.
    ///
    /// Throws a `Refusal` of the kind `unknownName`.
    func connections(of name: String?) async throws -> ConnectionList

    /// Reloads the file and waits until what it starts is ready or has failed.
    ///
    /// - Parameter confirmWithin: When given, the generation is reverted after this time unless `confirm` comes.
    /// - Returns: The verdict; `busy` at once when another load is under way.
    /// - Throws: `Refusal` of the kind `ending`, as all that follows.
    func reload(confirmWithin: Duration?) async throws -> VerdictDocument

    /// Ends the trial of the generation that needs a confirmation.
    ///
    /// - Throws: `Refusal` of the kind `nothingToConfirm`.
    func confirm() async throws -> VerdictDocument

    /// What a reload would do, with the daemon's own file or another: reads and checks it, acquires nothing.
    ///
    /// - Throws: `Refusal` of the kind `ending`.
    func plan(file: String?) async throws -> VerdictDocument

    /// Starts, stops or restarts services, as one transaction.
    ///
    /// The name is a service, which means all of its instances, an instance, or a group. Throws a `Refusal` of the kind
    /// `unknownName`.
    func order(_ order: Order, _ name: String) async throws -> VerdictDocument

    /// Moves bridges to other members of their pools.
    ///
    /// - Throws: `Refusal` of the kind `unknownName`.
    func rotate(_ name: String) async throws -> RotationDocument
}
