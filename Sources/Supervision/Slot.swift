import Synchronization

/// Carries one `~Copyable` value into a closure, which cannot consume what it captures; hands it out once.
final class Slot<Value: ~Copyable & Sendable>: Sendable {
    private let value: Mutex<Value?>

    init(_ value: consuming Value) {
        self.value = Mutex(value)
    }

    func take() -> Value? {
        value.withLock { $0.take() }
    }
}
