import NIOCore

/// The life of one connection, as the task that answers its requests sees it.
///
/// Every call takes effect on the event loop, in order with what was written before.
struct HTTPConnection: Sendable {
    /// What becomes of a connection after an answer.
    enum Ending {
        /// It waits for its next request.
        case open
        /// It closes as soon as the answer is written.
        case closes
        /// The client still sends: this direction ends, and what comes is thrown away for a moment.
        case lingers
    }

    /// Fires when what is streamed is to end: the service drains, or the client has gone.
    let end: EndSignal
    private let channel: any Channel
    private let handler: NIOLoopBound<HTTPConnectionHandler>

    /// To be made on the channel's event loop, where the handler has been added.
    init(_ channel: any Channel, _ handler: HTTPConnectionHandler) {
        self.channel = channel
        self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
        end = handler.end
    }

    /// The head of a request has come.
    func began() { tell { $0.began() } }

    /// The request has come completely, and is being answered.
    func running() { tell { $0.running() } }

    /// The answer goes on until `end` fires.
    func streaming() { tell { $0.streaming() } }

    /// The answer has been given to the channel.
    func ended(_ ending: Ending) { tell { $0.ended(ending) } }

    /// Suspends until the channel has completely closed.
    func closed() async {
        do {
            try await channel.closeFuture.get()
        } catch {
            // It has closed all the same.
        }
    }

    private func tell(_ action: @escaping @Sendable (HTTPConnectionHandler) -> Void) {
        channel.eventLoop.execute { [handler] in action(handler.value) }
    }
}
