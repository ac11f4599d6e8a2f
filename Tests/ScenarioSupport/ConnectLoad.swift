import Glibc
import Synchronization

/// A steady load: threads that connect, exchange a few bytes, end the stream and begin again.
///
/// An exchange has succeeded when the bytes came back, as they are or in upper case (which tells the peer behind a
/// forward from the echo service), and when the stream then ended.
package final class ConnectLoad: Sendable {
    private struct State {
        var result = LoadResult()
        var stopped = false
        var begun = 0
    }

    /// More connects than any scenario needs: the load ends by itself if nobody stops it.
    private static let limit = 200_000
    private static let remembered = 5
    /// Steady, not a flood: every closed connection keeps its local port for a minute, and there are 28,000 of them.
    private static let pauseMilliseconds: Int32 = 1

    private let state = Mutex(State())
    private let threads = Mutex<[WorkerThread]>([])

    private let exchange: @Sendable (UInt16, String) throws -> Void

    private init(_ exchange: @escaping @Sendable (UInt16, String) throws -> Void) {
        self.exchange = exchange
    }

    /// Begins; whoever starts a load also stops it (`Scenario` does).
    static func start(
        ports: [UInt16],
        threads count: Int = 3,
        exchange: @escaping @Sendable (UInt16, String) throws -> Void
    ) throws -> ConnectLoad {
        let load = ConnectLoad(exchange)
        for index in 0..<count {
            let thread = try WorkerThread { load.run(ports: ports, offset: index) }
            load.threads.withLock { $0.append(thread) }
        }
        return load
    }

    package var result: LoadResult {
        state.withLock { $0.result }
    }

    /// Waits until every port has seen so many complete exchanges.
    package func waitForExchanges(_ count: Int, at ports: [UInt16], within limit: Duration = .seconds(60)) throws {
        try Facts.wait(for: "\(count) exchanges at each of \(ports)", within: limit) {
            let result = result
            return ports.allSatisfy { result.succeeded(at: $0) >= count }
        }
    }

    @discardableResult
    package func stop() -> LoadResult {
        state.withLock { $0.stopped = true }
        let running = threads.withLock { threads in
            let running = threads
            threads = []
            return running
        }
        for thread in running { thread.join() }
        return result
    }

    private func run(ports: [UInt16], offset: Int) {
        var index = offset
        while true {
            let goesOn = state.withLock { state in
                state.begun += 1
                return !state.stopped && state.begun < Self.limit
            }
            guard goesOn else { return }
            let port = ports[index % ports.count]
            index += 1
            let begin = ContinuousClock.now
            var failure: String?
            do { try exchange(port, "connect \(index)\n") } catch { failure = "\(error)" }
            record(port: port, failure: failure, duration: begin.duration(to: .now))
            Facts.pace(milliseconds: Self.pauseMilliseconds)
        }
    }

    private func record(port: UInt16, failure: String?, duration: Duration) {
        state.withLock { state in
            state.result.slowest = max(state.result.slowest, duration)
            guard let failure else {
                state.result.succeeded[port, default: 0] += 1
                return
            }
            state.result.failed += 1
            if state.result.failures.count < Self.remembered {
                state.result.failures.append("port \(port): \(failure)")
            }
        }
    }

    /// An exchange with an echo, or with an echo in upper case.
    package static func echo(port: UInt16, text: String) throws {
        let client = try ClientSocket(to: port)
        try client.send(text)
        let answer = String(decoding: try client.receive(exactly: text.utf8.count), as: UTF8.self)
        guard answer.lowercased() == text else {
            throw ScenarioFailure("cannot read `\(answer)` as an echo of `\(text)`")
        }
        client.endSending()
        guard try client.receiveToEnd().isEmpty else { throw ScenarioFailure("cannot explain bytes after the echo") }
    }
}
