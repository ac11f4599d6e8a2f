package import NIOCore
import Synchronization

/// Every connection of one service, from before its first byte until its channels have completely closed.
package final class ConnectionTable: Sendable {
    private struct Spares {
        weak var channels: SpareChannels?
    }

    private struct State {
        var limit: Int
        /// How many connections beyond the limit are accepted to be refused.
        let refusals: Int
        var refused = 0
        /// Alive as long as they hold a channel, or may get one.
        var spares: [Spares] = []
        /// Accepted, and not in `connections` yet.
        var reserved = 0
        var connections: [UInt64: Connection] = [:]
        var total: UInt64 = 0
        /// Bytes of the connections that are over.
        var received: UInt64 = 0
        var sent: UInt64 = 0
        var isDraining = false
        var isForcing = false
        var forced: [String] = []
        /// Who wants to know that a slot is free: each acceptor at most once.
        var slotWaiters: [@Sendable () -> Void] = []
        var emptyWaiters: [CheckedContinuation<Void, Never>] = []

        var taken: Int { reserved + connections.count }
        /// What may be accepted.
        var free: Int { max(0, limit + refusals - taken) }

        mutating func takeSlotWaiters() -> [@Sendable () -> Void] {
            guard 0 < free, !slotWaiters.isEmpty else { return [] }
            defer { slotWaiters = [] }
            return slotWaiters
        }

        mutating func takeEmptyWaiters(spares: Int) -> [CheckedContinuation<Void, Never>] {
            guard taken == 0, spares == 0, !emptyWaiters.isEmpty else { return [] }
            defer { emptyWaiters = [] }
            return emptyWaiters
        }
    }

    /// The service's name, for logs.
    package let service: String
    private let state: Mutex<State>
    /// The open channels that serve no connection for now; written without the lock, and looked at under it by whoever
    /// waits for zero.
    private let spareCount = Atomic<Int>(0)

    /// - Parameters:
    ///   - service: The service's name, for logs.
    ///   - limit: The slots; at the limit the service stops accepting until one is free.
    ///   - refusals: How many connections beyond the limit are accepted at a time, only to be refused; with this many
    ///     the service stops accepting.
    package init(service: String, limit: Int, refusals: Int = 0) {
        self.service = service
        state = Mutex(State(limit: limit, refusals: refusals))
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

    /// What has gone through the table, open connections included.
    package var totals: ConnectionTotals {
        var (totals, open) = state.withLock { state in
            let totals = ConnectionTotals(connections: state.total, received: state.received, sent: state.sent)
            return (totals, Array(state.connections.values))
        }
        for connection in open {
            totals.received += connection.received
            totals.sent += connection.sent
        }
        return totals
    }

    /// The open connections, oldest first.
    package var connections: [Connection] {
        state.withLock { Array($0.connections.values) }.sorted { $0.id < $1.id }
    }

    /// Tells every idle connection to close and the others to finish what they do; what is spare closes.
    package func drain() {
        let (connections, spares) = state.withLock { state in
            state.isDraining = true
            return (Array(state.connections.values), state.spares)
        }
        for spare in spares { spare.channels?.close() }
        for connection in connections { connection.drain() }
    }

    /// Fires a user event at the accepted channel of every connection.
    package func tell(_ event: some Sendable) {
        for connection in state.withLock({ Array($0.connections.values) }) { connection.tell(event) }
    }

    /// Cuts every connection at once, and those that still come.
    package func force() {
        let (connections, spares) = state.withLock { state in
            state.isForcing = true
            return (Array(state.connections.values), state.spares)
        }
        for spare in spares { spare.channels?.close() }
        for connection in connections { connection.force() }
    }

    /// Suspends until the table is empty: every connection and every spare channel has completely closed.
    ///
    /// When the task is cancelled, every connection is cut at once.
    ///
    /// - Returns: One line for each connection that had to be cut: id, peer, age, bytes unsent.
    package func empty() async -> [String] {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isEmpty = state.withLock { state in
                    let isEmpty = state.taken == 0 && spares == 0
                    if !isEmpty { state.emptyWaiters.append(continuation) }
                    return isEmpty
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
            if state.free == 0 { state.slotWaiters.append(tell) }
            return state.free
        }
    }

    /// True when a slot is free.
    var hasFreeSlot: Bool { state.withLock { 0 < $0.free } }

    /// Takes a slot for a connection whose channel is about to be set up; `open` or `abandon` follows.
    func reserve() {
        state.withLock { $0.reserved += 1 }
    }

    /// Gives a reserved slot back: the connection never came to be.
    func abandon() {
        let (slots, empties) = state.withLock { state in
            state.reserved -= 1
            return (state.takeSlotWaiters(), state.takeEmptyWaiters(spares: spares))
        }
        for tell in slots { tell() }
        for continuation in empties { continuation.resume() }
    }

    /// Turns a reserved slot into a connection.
    func open(_ channel: any Channel) -> Connection {
        let (connection, isDraining, isForcing) = state.withLock { state in
            let isOverLimit = state.limit <= state.connections.count - state.refused
            let connection = Connection(
                channel.remoteAddress,
                channel,
                isOverLimit: isOverLimit,
                table: self
            )
            state.reserved -= 1
            state.total += 1
            if isOverLimit { state.refused += 1 }
            state.connections[connection.id] = connection
            return (connection, state.isDraining, state.isForcing)
        }
        connection.watch()
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

    // MARK: - Spare channels

    /// Makes a place for the channels of `eventLoop` that serve no connection for now; to be kept as long as one may.
    package func spareChannels(on eventLoop: any EventLoop) -> SpareChannels {
        let channels = SpareChannels(of: self, on: eventLoop)
        let isOver = state.withLock { state in
            state.spares.append(Spares(channels: channels))
            return state.isDraining || state.isForcing
        }
        if isOver { channels.close() }
        return channels
    }

    private var spares: Int { spareCount.load(ordering: .acquiring) }

    /// Counts a channel that is about to be spare.
    ///
    /// - Returns: False when there are `limit` already.
    func countSpare(limit: Int) -> Bool {
        if spareCount.add(1, ordering: .acquiringAndReleasing).newValue <= limit { return true }
        spareLost()
        return false
    }

    /// A spare channel has closed, or a connection answers for it now.
    func spareLost() {
        guard spareCount.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        let empties = state.withLock { $0.takeEmptyWaiters(spares: spares) }
        for continuation in empties { continuation.resume() }
    }

    // MARK: - Ends

    func release(_ connection: Connection) {
        let line = connection.isForced ? connection.forcedLine(at: .now) : nil
        let (slots, empties) = state.withLock { state in
            state.connections[connection.id] = nil
            state.received += connection.received
            state.sent += connection.sent
            if connection.isOverLimit { state.refused -= 1 }
            if let line { state.forced.append(line) }
            return (state.takeSlotWaiters(), state.takeEmptyWaiters(spares: spares))
        }
        for tell in slots { tell() }
        for continuation in empties { continuation.resume() }
    }
}
