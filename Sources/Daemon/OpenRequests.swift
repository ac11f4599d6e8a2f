import ControlPlane
import Supervision

/// The requests for a load that have not been answered.
///
/// An answer may have to wait longer than its load: for what it stops, or for the reversal of what it has started.
struct OpenRequests {
    /// Waits until these children are over.
    private struct Waiting {
        var children: Set<ChildID>
        var answer: VerdictDocument
        var reply: Question.Verdictive
    }

    private var last: UInt64 = 0
    private var open: [UInt64: (request: LoadRequest, reply: Question.Verdictive)] = [:]
    private var waiting: [Waiting] = []

    /// Takes a request.
    ///
    /// - Returns: Its number.
    mutating func add(_ request: LoadRequest, _ reply: Question.Verdictive) -> UInt64 {
        last += 1
        open[last] = (request, reply)
        return last
    }

    func request(_ number: UInt64) -> LoadRequest? { open[number]?.request }

    /// Answers a request, once `children` are over.
    mutating func answer(_ number: UInt64, _ answer: VerdictDocument, after children: Set<ChildID> = []) {
        guard let reply = open.removeValue(forKey: number)?.reply else { return }
        if children.isEmpty {
            reply.resume(returning: .success(answer))
        } else {
            waiting.append(Waiting(children: children, answer: answer, reply: reply))
        }
    }

    /// A child is over.
    mutating func note(ended child: ChildID) {
        for index in waiting.indices { waiting[index].children.remove(child) }
        for entry in waiting where entry.children.isEmpty { entry.reply.resume(returning: .success(entry.answer)) }
        waiting.removeAll { $0.children.isEmpty }
    }

    /// The daemon ends: whoever waits gets what there is.
    mutating func close() {
        for entry in waiting { entry.reply.resume(returning: .success(entry.answer)) }
        waiting = []
        let refusal = Refusal(.ending, "cannot wait for the end of the load: the daemon has ended")
        for entry in open.values { entry.reply.resume(returning: .failure(refusal)) }
        open = [:]
    }
}
