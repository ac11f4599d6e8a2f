package import NIOCore

/// The dialled channels of one event loop that serve no client for now.
///
/// The table answers for them as it does for its connections: it is not empty before they have closed. To be used on
/// the event loop.
package final class SpareChannels: ChannelOwner {
    private struct State {
        var channels: [ObjectIdentifier: OwnedChannel] = [:]
        /// The service drains: nothing is kept any more.
        var isClosed = false
    }

    private let table: ConnectionTable
    private let eventLoop: any EventLoop
    private let state: NIOLoopBoundBox<State>

    /// Made by the table, which tells it to close.
    init(of table: ConnectionTable, on eventLoop: any EventLoop) {
        self.table = table
        self.eventLoop = eventLoop
        state = .makeBoxSendingValue(State(), eventLoop: eventLoop)
    }

    /// Takes over a channel that `connection` has adopted: its slot does not wait for it any more.
    ///
    /// - Returns: False when nothing is kept any more, when `limit` channels of the service are spare already, or when
    ///   the channel has closed: it stays the connection's.
    package func keep(_ channel: any Channel, of connection: Connection, limit: Int) -> Bool {
        guard !state.value.isClosed, let owned = connection.owned(channel), table.countSpare(limit: limit) else {
            return false
        }
        state.value.channels[ObjectIdentifier(channel)] = owned
        owned.move(to: self)
        return true
    }

    /// Hands a channel that is kept to `connection`.
    ///
    /// - Returns: False when the channel has closed, or the connection has been cut: the channel is closed then.
    package func give(_ channel: any Channel, to connection: Connection) -> Bool {
        guard let owned = state.value.channels[ObjectIdentifier(channel)] else { return false }
        guard connection.take(owned) else {
            channel.close(promise: nil)
            return false
        }
        return true
    }

    /// Closes what is spare, now and later; may be called on any thread.
    func close() {
        eventLoop.execute {
            self.state.value.isClosed = true
            for owned in self.state.value.channels.values { owned.channel.close(promise: nil) }
        }
    }

    func lost(_ channel: any Channel) {
        state.value.channels[ObjectIdentifier(channel)] = nil
        table.spareLost()
    }
}
