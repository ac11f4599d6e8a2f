import Synchronization

/// What happens to a program, from many senders to the one task that runs its service.
///
/// The cancellation of that task is a message too: it has to kill the program and still hear of its exit. The mailbox
/// has no limit of its own, its senders have: a probe at a time, and a program that notifies is read one datagram at a
/// time.
final class ProcessMailbox: Sendable {
    private struct State {
        var inputs: [ProcessInput] = []
        var receiver: CheckedContinuation<[ProcessInput], Never>?
        var isForced = false
    }

    private let state = Mutex(State())

    func send(_ input: ProcessInput) {
        let receiver = state.withLock { state in
            guard let receiver = state.receiver.take() else {
                state.inputs.append(input)
                return nil as CheckedContinuation<[ProcessInput], Never>?
            }
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
