import Synchronization

/// One open connection to an echo service that goes on byte by byte in a thread of its own.
package final class SteadyEcho: Sendable {
    private struct State {
        var stopped = false
        var exchanged = 0
        var failure: String?
    }

    private let state = Mutex(State())
    private let thread = Mutex<WorkerThread?>(nil)

    /// Connects, says what has to be said first, and goes on until it is stopped.
    package static func start(
        port: UInt16,
        beginning: @escaping @Sendable (ClientSocket) throws -> Void = { _ in }
    ) throws -> SteadyEcho {
        let echo = SteadyEcho()
        let thread = try WorkerThread { echo.run(port: port, beginning: beginning) }
        echo.thread.withLock { $0 = thread }
        try echo.awaitProgress()
        return echo
    }

    private init() {}

    /// Waits until more bytes have made the round trip than when it was called.
    package func awaitProgress(_ bytes: Int = 20) throws {
        let before = state.withLock { $0.exchanged }
        try Facts.wait(for: "\(bytes) more bytes on the open echo connection") {
            let (exchanged, failure) = state.withLock { ($0.exchanged, $0.failure) }
            if let failure { throw ScenarioFailure("cannot go on with the open echo connection: \(failure)") }
            return exchanged >= before + bytes
        }
    }

    /// Ends the stream, and throws when any byte was lost or changed.
    package func stop() throws {
        state.withLock { $0.stopped = true }
        thread.withLock { $0 }?.join()
        thread.withLock { $0 = nil }
        if let failure = state.withLock({ $0.failure }) {
            throw ScenarioFailure("cannot keep the open echo connection: \(failure)")
        }
    }

    private func run(port: UInt16, beginning: (ClientSocket) throws -> Void) {
        do {
            let client = try ClientSocket(to: port)
            try beginning(client)
            while !state.withLock({ $0.stopped }) {
                let byte = UInt8(truncatingIfNeeded: state.withLock { $0.exchanged })
                try client.send([byte])
                guard try client.receive(exactly: 1) == [byte] else { throw ScenarioFailure("cannot match a byte") }
                state.withLock { $0.exchanged += 1 }
                // A talkative client, not a load.
                Facts.pace(milliseconds: 1)
            }
            client.endSending()
            guard try client.receiveToEnd().isEmpty else { throw ScenarioFailure("cannot explain bytes after the end") }
        } catch {
            state.withLock { $0.failure = "\(error)" }
        }
    }
}
