import Glibc
import Synchronization

/// A thread of the test, for clients and servers that block.
package final class WorkerThread: Sendable {
    private let handle: pthread_t
    private let isJoined = Atomic(false)

    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }

    package init(_ body: @escaping @Sendable () -> Void) throws {
        let work = Unmanaged.passRetained(Work(body))
        var handle = pthread_t()
        let code = pthread_create(
            &handle,
            nil,
            { context in
                if let context { Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body() }
                return nil
            },
            work.toOpaque()
        )
        guard code == 0 else {
            work.release()
            throw ScenarioFailure("cannot start a thread: \(SystemError.text(code))")
        }
        self.handle = handle
    }

    deinit {
        // The stack of a thread that nobody joins would stay mapped: 32,000 connections later there is no thread more.
        if !isJoined.load(ordering: .acquiring) { pthread_detach(handle) }
    }

    package func join() {
        guard !isJoined.exchange(true, ordering: .acquiringAndReleasing) else { return }
        pthread_join(handle, nil)
    }
}
