import Synchronization

/// What happens to a program, from many senders to the one task that runs its service.
///
/// The cancellation of that task is a message too: it has to kill the program and still hear of its exit. A program
/// may notify as often as it likes: what it says again before it was heard counts once, so few messages wait at a time.
final class ProcessMailbox: Sendable {
    private struct State {
        var inputs: [ProcessInput] = []
        var receiver: CheckedContinuation<[ProcessInput], Never>?
        var isForced = false
    }

    private let state = Mutex(State())

    func send(_ input: ProcessInput) {
        let receiver = state.withLock { state in
            let receiver = state.receiver.take()
            if receiver == nil, !(input.isRepeatable && state.inputs.contains(input)) { state.inputs.append(input) }
            return receiver
        }
        receiver?.resume(returning: [input])
    }

    /// Takes what has arrived, suspending until there is something.
    func receive() async -> [ProcessInput] {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let inputs = state.withLock { state -> [ProcessInput]? in
                    if state.inputs.isEmpty {
                        precondition(state.receiver == nil, "a mailbox has one receiver")
                        state.receiver = continuation
                        return nil
                    }
                    let inputs = state.inputs
                    state.inputs = []
                    return inputs
                }
                if let inputs { continuation.resume(returning: inputs) }
            }
        } onCancel: {
            force()
        }
    }

    private func force() {
        let isFirst = state.withLock { state in
            defer { state.isForced = true }
            return !state.isForced
        }
        if isFirst { send(.forced) }
    }
}
