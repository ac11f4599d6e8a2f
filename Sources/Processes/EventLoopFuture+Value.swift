import NIOCore

extension EventLoopFuture where Value: Sendable {
    /// The value of a future whose promise never fails.
    func value() async -> Value {
        do {
            return try await get()
        } catch {
            Swift.preconditionFailure("a promise that only succeeds has failed: \(error)")
        }
    }
}
