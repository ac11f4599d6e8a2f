import Synchronization

/// Counts the lives of a service over all its restarts.
final class Lives: Sendable {
    let count = Atomic(0)
}
