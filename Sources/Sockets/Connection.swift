package import NIOCore
import Synchronization

/// One accepted connection, or one session of datagrams: a slot of its service's table.
package final class Connection: ChannelOwner {
    private struct State {
        /// The accepted channel first, then what was dialled for it; without those that have closed.
        var channels: [OwnedChannel] = []
        /// The slot is kept although no channel may be open.
        var isHeld = false
        var isForced = false
        var cause: String?
        var purpose: String?
    }

    /// Connections are told apart within the daemon, whichever service they belong to.
    private static let lastID = Atomic<UInt64>(0)

    /// Unique within the daemon.
    package let id: UInt64
    /// The client's address as text, for logs.
    package let peer: String
    /// When it was accepted.
    package let since = ContinuousClock.now
    /// It was accepted beyond the limit of the service, only to be told so.
    package let isOverLimit: Bool

    private let table: ConnectionTable
    private let state: Mutex<State>
    private let receivedBytes = Atomic<UInt64>(0)
    private let sentBytes = Atomic<UInt64>(0)
    private let unsentBytes = Atomic<Int>(0)

    /// - Parameters:
    ///   - peer: The client's address.
    ///   - channel: The accepted channel; nil for a session without one, which holds its slot until `letGo`.
    ///   - isOverLimit: It is accepted only to be refused.
    ///   - table: Has given the slot.
    init(_ peer: SocketAddress?, _ channel: (any Channel)?, isOverLimit: Bool = false, table: ConnectionTable) {
        id = Self.lastID.add(1, ordering: .relaxed).newValue
        self.peer = Self.text(of: peer)
        self.table = table
        self.isOverLimit = isOverLimit
        state = Mutex(State(isHeld: channel == nil))
        guard let channel else { return }
        let owned = OwnedChannel(channel, owner: self)
        state.withLock { $0.channels = [owned] }
    }

    /// Bytes read from the client.
    package var received: UInt64 { receivedBytes.load(ordering: .relaxed) }

    /// Bytes written for the client.
    package var sent: UInt64 { sentBytes.load(ordering: .relaxed) }

    /// Why it ended, in one word, as far as its handlers have told.
    package var cause: String? { state.withLock { $0.cause } }

    /// What it is for, for the list of connections; without any secret.
    package var purpose: String? { state.withLock { $0.purpose } }

    /// Tells what the connection is for from now on.
    package func serve(_ purpose: String) {
        state.withLock { $0.purpose = purpose }
    }

    /// True from the moment the connection is cut because the drain time is over.
    package var isForced: Bool { state.withLock { $0.isForced } }

    /// Waits for the accepted channel, once the table has the connection.
    func watch() {
        state.withLock { $0.channels }.first?.watch()
    }

    /// Makes `channel`, dialled for this connection, part of it: the slot stays taken until it too has closed,
    /// and forcing the connection closes it.
    package func adopt(_ channel: any Channel) {
        let owned = OwnedChannel(channel, owner: self)
        if add(owned) { owned.watch() } else { channel.close(promise: nil) }
    }

    /// Makes a channel that somebody else has answered for part of it, unless it has been cut or is over.
    func take(_ owned: OwnedChannel) -> Bool {
        guard add(owned) else { return false }
        owned.move(to: self)
        return true
    }

    /// The open channel that this connection answers for.
    func owned(_ channel: any Channel) -> OwnedChannel? {
        state.withLock { state in state.channels.first { $0.channel === channel } }
    }

    private func add(_ owned: OwnedChannel) -> Bool {
        state.withLock { state in
            guard !state.isForced, state.isHeld || !state.channels.isEmpty else { return false }
            state.channels.append(owned)
            return true
        }
    }

    /// Keeps the slot, even when the client closes, until `letGo` or until the connection is forced.
    ///
    /// What the client has sent is still to be delivered on a channel that is not there yet.
    package func hold() {
        state.withLock { $0.isHeld = !$0.isForced && !$0.channels.isEmpty }
    }

    /// Ends `hold`: from now on the slot is taken while a channel is open.
    package func letGo() {
        let isLast = state.withLock { state in
            defer { state.isHeld = false }
            return state.isHeld && state.channels.isEmpty
        }
        if isLast { table.release(self) }
    }

    /// Counts bytes read from the client.
    package func count(received bytes: Int) {
        receivedBytes.add(UInt64(bytes), ordering: .relaxed)
    }

    /// Counts bytes written for the client.
    package func count(sent bytes: Int) {
        sentBytes.add(UInt64(bytes), ordering: .relaxed)
    }

    /// Remembers why the connection ended; the first cause counts.
    package func end(_ cause: String) {
        state.withLock { state in
            if state.cause == nil { state.cause = cause }
        }
    }

    /// Tells the accepted channel's handlers that the service drains.
    func drain() {
        tell(ConnectionDrainEvent())
    }

    /// Fires a user event at the handlers of the accepted channel.
    func tell(_ event: some Sendable) {
        let first = state.withLock { $0.channels.first }
        first?.channel.pipeline.fireUserInboundEventTriggered(event)
    }

    /// Cuts every channel with a reset: the peers must not take what they got for all there was.
    func force() {
        let channels = state.withLock { state in
            state.isForced = true
            return state.channels
        }
        letGo()
        for owned in channels {
            let channel = owned.channel
            channel.eventLoop.execute {
                // By now it may serve another connection.
                guard owned.belongs(to: self) else { return }
                self.unsentBytes.add(channel.unsentBytes, ordering: .relaxed)
                channel.reset()
            }
        }
    }

    /// What the ledger says about a connection that was cut.
    func forcedLine(at now: ContinuousClock.Instant) -> String {
        let tenths = (now - since) / .milliseconds(100)
        let age = Int64(tenths.rounded())
        let unsent = unsentBytes.load(ordering: .relaxed)
        return "id=\(id) client=\(peer) age=\(age / 10).\(age % 10)s unsent=\(unsent)"
    }

    func lost(_ channel: any Channel) {
        let isLast = state.withLock { state in
            state.channels.removeAll { $0.channel === channel }
            return state.channels.isEmpty && !state.isHeld
        }
        if isLast { table.release(self) }
    }

    private static func text(of address: SocketAddress?) -> String {
        switch address {
        case .v4: "\(address?.ipAddress ?? ""):\(address?.port ?? 0)"
        case .v6: "[\(address?.ipAddress ?? "")]:\(address?.port ?? 0)"
        case .unixDomainSocket: "unix"
        case nil: "unknown"
        }
    }
}
