public import Synchronization

/// What the tasks of a series returned, with its type known; one list for each crew.
@usableFromInline
final class TaskValues<Success: Sendable>: Sendable {
    /// The values of one crew.
    @usableFromInline
    final class Part: Sendable {
        @usableFromInline let values = Mutex<[(position: Int, value: Success)]>([])
        @usableFromInline let errors = Mutex<[(position: Int, error: any Error)]>([])

        @inlinable
        init() {}

        @inlinable
        func append(_ value: Success, at position: Int) {
            values.withLock { $0.append((position, value)) }
        }

        @usableFromInline
        func append(_ error: any Error, at position: Int) {
            errors.withLock { $0.append((position, error)) }
        }
    }

    @usableFromInline let parts = Mutex<[Part]>([])

    @inlinable
    init() {}

    @inlinable
    func part() -> Part {
        let part = Part()
        parts.withLock { $0.append(part) }
        return part
    }

    /// All values in the order of their positions; nil when a task returned none.
    @inlinable
    func inOrder(_ count: Int) -> [Success]? {
        let parts = parts.withLock { $0 }
        guard parts.reduce(0, { $0 + $1.values.withLock { $0.count } }) == count else { return nil }
        return [Success](unsafeUninitializedCapacity: count) { places, initialized in
            for part in parts {
                // A position is given out once, and there are as many values as positions.
                part.values.withLock { values in
                    for (position, value) in values {
                        places.initializeElement(at: position, to: value)
                    }
                    values = []
                }
            }
            initialized = count
        }
    }

    /// A value or an error for each position, and what is given for those that never began.
    @inlinable
    func results(_ count: Int) -> [Result<Success, any Error>] {
        var results = [Result<Success, any Error>](repeating: .failure(CancellationError()), count: count)
        for part in parts.withLock({ $0 }) {
            for (position, value) in part.values.withLock({ $0 }) {
                results[position] = .success(value)
            }
            for (position, error) in part.errors.withLock({ $0 }) {
                results[position] = .failure(error)
            }
        }
        return results
    }
}
