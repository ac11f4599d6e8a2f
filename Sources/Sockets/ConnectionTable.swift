package import NIOCore
import Synchronization

/// Every connection of one service, from before its first byte until its channels have completely closed.
package final class ConnectionTable: Sendable {
    private struct State {
        var limit: Int
        /// Accepted, and not in `connections` yet.
        var reserved = 0
        var connections: [UInt64: Connection] = [:]
        var total: UInt64 = 0
        var isDraining = false
        var isForcing = false
        var forced: [String] = []
        /// Who wants to know that a slot is free: each acceptor at most once.
        var slotWaiters: [@Sendable () -> Void] = []
        var emptyWaiters: [CheckedContinuation<Void, Never>] = []

        var taken: Int { reserved + connections.count }

        mutating func takeSlotWaiters() -> [@Sendable () -> Void] {
            guard taken < limit, !slotWaiters.isEmpty else { return [] }
            defer { slotWaiters = [] }
            return slotWaiters
        }

        mutating func takeEmptyWaiters() -> [CheckedContinuation<Void, Never>] {
            guard taken == 0, !emptyWaiters.isEmpty else { return [] }
            defer { emptyWaiters = [] }
            return emptyWaiters
        }
    }

    /// The service's name, for logs.
    package let service: String
    private let state: Mutex<State>

    /// - Parameters:
    ///   - service: The service's name, for logs.
    ///   - limit: The slots; at the limit the service stops accepting until one is free.
    package init(service: String, limit: Int) {
        self.service = service
        state = Mutex(State(limit: limit))
    }

    /// A change of the limit takes effect at the next accept; open connections go on.
    package func setLimit(_ limit: Int) {
        let waiters = state.withLock { state in
            state.limit = limit
            return state.takeSlotWaiters()
        }
        for tell in waiters { tell() }
    }

    /// The connections that are open.
    package var count: Int { state.withLock { $0.taken } }

    /// True once `drain` has been called.
    package var isDraining: Bool { state.withLock { $0.isDraining } }

    /// The connections that there have been.
    package var total: UInt64 { state.withLock { $0.total } }

    /// The open connections, oldest first.
    package var connections: [Connection] {
        state.withLock { Array($0.connections.values) }.sorted { $0.id < $1.id }
    }

    /// Tells every idle connection to close and the others to finish what they do.
    package func drain() {
        let connections = state.withLock { state in
            state.isDraining = true
            return Array(state.connections.values)
        }
        for connection in connections { connection.drain() }
    }

    /// Fires a user event at the accepted channel of every connection.
    package func tell(_ event: some Sendable) {
        for connection in state.withLock({ Array($0.connections.values) }) { connection.tell(event) }
    }

    /// Cuts every connection at once, and those that still come.
    package func force() {
        let connections = state.withLock { state in
            state.isForcing = true
            return Array(state.connections.values)
        }
        for connection in connections { connection.force() }
    }

    /// Suspends until the table is empty.
    ///
    /// When the task is cancelled, every connection is cut at once.
    ///
    /// - Returns: One line for each connection that had to be cut: id, peer, age, bytes unsent.
    package func empty() async -> [String] {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isEmpty = state.withLock { state in
                    if state.taken > 0 { state.emptyWaiters.append(continuation) }
                    return state.taken == 0
                }
                if isEmpty { continuation.resume() }
            }
        } onCancel: {
            force()
        }
        return state.withLock { state in
            defer { state.forced = [] }
            return state.forced
        }
    }

    /// How many slots are free; when none is, `tell` is called, once, as soon as one may be.
    func freeSlots(orTell tell: @escaping @Sendable () -> Void) -> Int {
        state.withLock { state in
            if state.taken < state.limit { return state.limit - state.taken }
            state.slotWaiters.append(tell)
            return 0
        }
    }

    /// True when a slot is free.
    var hasFreeSlot: Bool { state.withLock { $0.taken < $0.limit } }

    /// Takes a slot for a connection whose channel is about to be set up; `open` or `abandon` follows.
    func reserve() {
        state.withLock { $0.reserved += 1 }
    }

    /// Gives a reserved slot back: the connection never came to be.
    func abandon() {
        let (slots, empties) = state.withLock { state in
            state.reserved -= 1
            return (state.takeSlotWaiters(), state.takeEmptyWaiters())
        }
        for tell in slots { tell() }
        for continuation in empties { continuation.resume() }
    }

    /// Turns a reserved slot into a connection.
    func open(_ channel: any Channel) -> Connection {
        let connection = Connection(channel.remoteAddress, channel, table: self)
        let (isDraining, isForcing) = state.withLock { state in
            state.reserved -= 1
            state.total += 1
            state.connections[connection.id] = connection
            return (state.isDraining, state.isForcing)
        }
        connection.watch(channel)
        if isForcing {
            connection.force()
        } else if isDraining {
            // Reaches the handlers that this turn of the event loop still adds.
            channel.eventLoop.execute { connection.drain() }
        }
        return connection
    }

    /// Takes a slot for a session of datagrams, which keeps it until `letGo`, and until the channels that it adopts
    /// have closed; nil when none is free.
    package func openSession(of peer: SocketAddress) -> Connection? {
        state.withLock { state in
            guard state.taken < state.limit, !state.isForcing else { return nil }
            let connection = Connection(peer, nil, table: self)
            state.total += 1
            state.connections[connection.id] = connection
            return connection
        }
    }

    func release(_ connection: Connection) {
        let line = connection.isForced ? connection.forcedLine(at: .now) : nil
        let (slots, empties) = state.withLock { state in
            state.connections[connection.id] = nil
            if let line { state.forced.append(line) }
            return (state.takeSlotWaiters(), state.takeEmptyWaiters())
        }
        for tell in slots { tell() }
        for continuation in empties { continuation.resume() }
    }
}
