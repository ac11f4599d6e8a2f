import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// Sends to a reader that may stall, in order, from a thread of its own: no service waits for the reader.
final class Outbox: Sendable {
    private struct Queue {
        var sends: [@Sendable () -> Void] = []
        /// True while the thread works, which needs no further wake-up then.
        var isServed = false
    }

    /// How long the end of the daemon waits for the reader.
    private static let flushLimit = TimeAmount.seconds(1)

    /// SCHED_BATCH of sched(7), which the module Glibc does not show.
    private static let batch: Int32 = 3

    /// How much may wait; more is refused.
    private let limit: Int
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let waiting = Atomic(0)
    private let queue = Mutex(Queue())

    init(limit: Int) {
        self.limit = limit
        thread.start()
        // Whoever restarts a service logs it, and must not lose the processor to the line: on a busy machine it would
        // wait milliseconds for its next turn. Where the system refuses this, that is so.
        thread.submit { _ in
            var parameter = sched_param()
            _ = sched_setscheduler(0, Self.batch, &parameter)
        }
    }

    /// Lets `send` take its turn, which may wait for the reader.
    ///
    /// - Returns: False when too much waits already; `send` is not called then.
    func submit(_ send: @escaping @Sendable () -> Void) -> Bool {
        guard waiting.add(1, ordering: .relaxed).newValue <= limit else {
            waiting.subtract(1, ordering: .relaxed)
            return false
        }
        let isServed = queue.withLock { queue in
            defer { queue.isServed = true }
            queue.sends.append(send)
            return queue.isServed
        }
        if !isServed {
            thread.submit { [self] state in
                if state == .active { serve() }
            }
        }
        return true
    }

    private func serve() {
        while let sends = next() {
            for send in sends {
                waiting.subtract(1, ordering: .relaxed)
                send()
            }
        }
    }

    /// What has come since; nil: nothing.
    private func next() -> [@Sendable () -> Void]? {
        queue.withLock { queue in
            queue.isServed = !queue.sends.isEmpty
            defer { queue.sends = [] }
            return queue.isServed ? queue.sends : nil
        }
    }

    /// Sends what waits, then ends the thread.
    ///
    /// A reader that stalls is given up after `flushLimit`; the thread, which cannot be interrupted while it sends,
    /// ends
    /// with the process then.
    func close(on loop: any EventLoop) async throws {
        let isFlushed = loop.makePromise(of: Bool.self)
        let alarm = loop.scheduleTask(in: Self.flushLimit) { isFlushed.succeed(false) }
        // A shutdown cancels what waits; the one thread works in order, so first this takes its turn.
        thread.submit { _ in isFlushed.succeed(true) }
        guard try await isFlushed.futureResult.get() else { return }
        alarm.cancel()
        try await thread.shutdownGracefully()
    }
}
