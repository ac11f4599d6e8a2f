import Synchronization

/// Messages from many senders to one receiver, in order.
///
/// An `AsyncStream` ends when its reader is cancelled and drops what was sent since; a supervisor that is cancelled
/// still has to hear how every child ended. The mailbox has no limit of its own: its senders have (a child sends a
/// handful of messages in a life, a task pool has slots).
final class Mailbox<Message: Sendable>: Sendable {
    private struct State {
        var messages: [Message] = []
        var receiver: CheckedContinuation<[Message], Never>?
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Returns false when the mailbox is closed; the message is not taken then.
    func send(_ message: Message) -> Bool {
        let (isTaken, receiver) = state.withLock { state -> (Bool, CheckedContinuation<[Message], Never>?) in
            if state.isClosed { return (false, nil) }
            guard let receiver = state.receiver.take() else {
                state.messages.append(message)
                return (true, nil)
            }
            return (true, receiver)
        }
        receiver?.resume(returning: [message])
        return isTaken
    }

    /// Takes what has arrived, suspending until there is something; empty only when closed and emptied.
    ///
    /// Cancellation does not end the wait: only a message or `close()` does.
    func receive() async -> [Message] {
        await withCheckedContinuation { continuation in
            let messages = state.withLock { state -> [Message]? in
                if state.messages.isEmpty && !state.isClosed {
                    precondition(state.receiver == nil, "a mailbox has one receiver")
                    state.receiver = continuation
                    return nil
                }
                let messages = state.messages
                state.messages = []
                return messages
            }
            if let messages { continuation.resume(returning: messages) }
        }
    }

    /// Takes no further message; what was sent before is still received.
    func close() {
        let receiver = state.withLock { state in
            state.isClosed = true
            return state.receiver.take()
        }
        receiver?.resume(returning: [])
    }
}
