import ServiceLifecycle
import Synchronization

/// A service of swift-service-lifecycle: ticks until its graceful shutdown, and fails in its first life.
final class Ticker: ServiceLifecycle.Service {
    struct Failure: Error, CustomStringConvertible {
        var description: String { "cannot tick any more: this is the failure that the example is about" }
    }

    private let life: Int

    /// - Parameter lives: Counts the lives of all tickers.
    init(lives: borrowing Atomic<Int>) {
        life = lives.add(1, ordering: .relaxed).newValue
    }

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            for tick in 1... {
                do {
                    try await Task.sleep(for: .milliseconds(20))
                } catch {
                    // The graceful shutdown: a normal end.
                    return
                }
                print("ticker, life \(self.life): tick \(tick)")
                if self.life == 1 && tick == 3 { throw Failure() }
            }
        }
    }
}
