package import Supervision

/// A service that does what a test says and writes down what is done to it.
package final class ScriptedService: Service {
    /// What one life does.
    package enum Life: Sendable {
        /// Becomes ready and serves until asked to stop.
        case serve
        /// Serves without ever being ready.
        case serveSilently
        /// Becomes ready once the gate is open.
        case serveAfter(Gate)
        /// Becomes ready, then crashes once the gate is open; stops when asked first only after that.
        case crashAfter(Gate, String)
        case crash(String)
        /// Ends by itself after having been ready.
        case end
        case failToPrepare(String)
        /// Prepares only once the gate is open, then serves.
        case prepareAfter(Gate)
        /// Prepares until it is cancelled.
        case hangInPreparation
        /// Ignores the request to stop until its task is cancelled, and names what it cut.
        case stubborn
        /// Ignores even the cancellation, until the gate is open.
        case dead(Gate)
        /// Serves, and reports this condition as soon as it does.
        case serveIn(ChildCondition)
        /// Serves, and has a task that runs until it is cancelled.
        case serveWithTask
    }

    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    package let name: String
    private let journal: Journal
    private let lives: Counter
    private let script: @Sendable (Int) -> Life

    /// Makes a service whose life of a number, from 0, is what `script` says.
    package init(_ name: String, journal: Journal, script: @escaping @Sendable (Int) -> Life = { _ in .serve }) {
        self.name = name
        self.journal = journal
        self.script = script
        lives = Counter()
    }

    package func prepare() async throws -> PreparedService {
        let life = script(lives.next())
        journal.write("\(name) prepares")
        switch life {
        case .failToPrepare(let reason):
            throw Failure(description: reason)
        case .prepareAfter(let gate):
            await gate.pass()
        case .hangInPreparation:
            await untilCancelled()
            throw Failure(description: "cancelled")
        case .serve, .serveSilently, .serveAfter, .crashAfter, .crash, .end, .stubborn, .dead, .serveIn,
            .serveWithTask:
            break
        }
        return PreparedService(ScriptedPreparation(name: name, journal: journal, life: life))
    }
}
