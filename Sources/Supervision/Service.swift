/// Something that a supervisor can start, again and again.
public protocol Service: Sendable {
    /// Acquires everything the service needs and serves nothing yet.
    ///
    /// - Throws: The reason why it cannot start; nothing stays acquired then.
    func prepare() async throws -> PreparedService
}
