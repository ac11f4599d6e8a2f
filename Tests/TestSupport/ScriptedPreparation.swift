import Supervision

/// The receipt of a service that held nothing.
struct Released: ~Copyable, Receipt {}

/// The prepared state of a scripted service.
struct ScriptedPreparation: ~Copyable, Preparation {
    let name: String
    let journal: Journal
    let life: ScriptedService.Life

    consuming func run(_ lifetime: consuming Lifetime) async -> Exit {
        journal.write("\(name) runs")
        switch life {
        case .serve, .prepareAfter:
            lifetime.ready()
            await lifetime.stopRequested()
        case .failToPrepare, .hangInPreparation:
            break
        case .serveSilently:
            await lifetime.stopRequested()
        case .serveAfter(let gate):
            await gate.pass()
            lifetime.ready()
            await lifetime.stopRequested()
        case .crashAfter(let gate, let error):
            lifetime.ready()
            await gate.pass()
            return crash(lifetime, error)
        case .crash(let error):
            return crash(lifetime, error)
        case .end:
            lifetime.ready()
        case .stubborn:
            lifetime.ready()
            await lifetime.stopRequested()
            journal.write("\(name) ignores the request")
            await untilCancelled()
            lifetime.report(forced: ["one connection of \(name)"])
        case .dead(let gate):
            lifetime.ready()
            await lifetime.stopRequested()
            await gate.pass()
        case .serveIn(let condition):
            lifetime.ready()
            lifetime.report(condition)
            await lifetime.stopRequested()
        case .serveWithTask:
            startTask(lifetime.tasks)
            lifetime.ready()
            await lifetime.stopRequested()
        }
        journal.write("\(name) ends")
        return .normal(lifetime.end(with: Released()))
    }

    consuming func discard() async {
        journal.write("\(name) is discarded")
    }

    private consuming func crash(_ lifetime: consuming Lifetime, _ error: String) -> Exit {
        journal.write("\(name) crashes")
        return .crashed(lifetime.end(with: Released()), ScriptedService.Failure(description: error))
    }

    private func startTask(_ tasks: TaskPool) {
        let name = name
        let journal = journal
        do {
            _ = try tasks.submit("endless") {
                journal.write("\(name)'s task runs")
                await untilCancelled()
                journal.write("\(name)'s task ends")
            }
        } catch {
            journal.write("\(error)")
        }
    }
}

/// Suspends until the current task is cancelled.
package func untilCancelled() async {
    let (stream, continuation) = AsyncStream<Never>.makeStream()
    for await _ in stream {}
    continuation.finish()
}
