/// The result of a task that held something, with the proof that it has been released.
///
/// ```swift
/// return Settled(.success(count), with: await lease.release())
/// ```
public struct Settled<Success: Sendable>: Sendable {
    let result: Result<Success, any Error>

    /// - Parameters:
    ///   - result: What the task returns, or throws.
    ///   - receipt: Made by the method that released what the task held.
    public init(_ result: Result<Success, any Error>, with receipt: consuming some Receipt & ~Copyable) {
        self.result = result
    }
}
