package import Addresses
import Synchronization

/// Owns every listening socket of the daemon, by address.
///
/// A service accepts on duplicates, so an address moves between services, or between generations, without closing.
package final class ListenerTable: Sendable {
    private let calls: any SocketCalls
    private let state: Mutex<ListenerState>

    package init(calls: any SocketCalls = LinuxSocketCalls()) {
        self.calls = calls
        state = Mutex(ListenerState(calls: calls))
    }

    deinit {
        state.withLock {
            $0.retireAll()
            $0.closeReserve()
        }
    }

    /// Takes duplicates of the listening sockets that another process has left; the next staging claims those that are
    /// wanted.
    package func inherit(_ sockets: [InheritedSocket]) {
        state.withLock { $0.inherit(sockets) }
    }

    /// How often the sockets of the configuration have become others: with the same number nothing has changed.
    package var changes: UInt64 { state.withLock { $0.changes } }

    /// What another process is to keep for the next daemon.
    ///
    /// - Parameter known: The names of what it keeps already.
    /// - Returns: The names of all that it is to keep, and what is new for it.
    package func kept(beside known: Set<String>) -> (names: Set<String>, new: [KeptSocket]) {
        state.withLock { $0.kept(beside: known) }
    }

    /// Leaves the sockets that can be kept to another process: who waits in their queues waits for that one, and the
    /// files of unix sockets stay.
    package func leave() { state.withLock { $0.leave() } }

    /// Claims what is there and binds what is missing; after this, `sockets(for:)` hands out both kinds.
    ///
    /// One change at a time: the last one must have been committed or rolled back.
    ///
    /// - Returns: The staged change, or every failure; after a failure nothing has changed.
    package func stage(_ wanted: [ListenRequest]) -> StagingOutcome {
        let (failures, absent) = state.withLock { $0.stage(wanted) }
        return failures.isEmpty ? .staged(StagedListeners(table: self, absent: absent)) : .failed(failures)
    }

    /// The sockets of one service: duplicates of the table's descriptors, so an address outlives its service.
    ///
    /// An optional address that the last commit left absent is bound now, and the table's from then on.
    ///
    /// - Throws: Why an absent address still cannot be bound, the errno of a failed duplication, or EBADF for an
    ///   address that is neither committed nor staged. None of the sockets is held then.
    package func sockets(for requests: [ListenRequest]) throws(BindFailure) -> ListeningSockets {
        ListeningSockets(leases: try leases(for: requests), table: self)
    }

    /// The sockets of one service whose program accepts on them.
    ///
    /// - Throws: As `sockets(for:)`.
    package func passedSockets(for requests: [ListenRequest]) throws(BindFailure) -> PassedSockets {
        PassedSockets(leases: try leases(for: requests), table: self)
    }

    private func leases(for requests: [ListenRequest]) throws(BindFailure) -> [ListenerLease] {
        var leases: [ListenerLease] = []
        for request in requests {
            do throws(BindFailure) {
                leases.append(try state.withLock { (state) throws(BindFailure) in try state.lease(request) })
            } catch {
                for lease in leases { close(lease) }
                throw error
            }
        }
        return leases
    }

    /// Gives up every address but a few: each closes when its service has accepted its queue, at once when it has none.
    package func retireAll(except kept: [ListenRequest] = []) {
        state.withLock { $0.retireAll(except: Set(kept.map { ListenerKey($0) })) }
    }

    /// The inode of every committed socket, by the address with the port that the kernel chose.
    package func inodes() -> [ListenAddress: UInt64] {
        state.withLock { $0.inodes() }
    }

    /// Finds the unix sockets that nobody can reach any more, because the file is gone or is another one.
    ///
    /// - Parameters:
    ///   - requests: What is wanted.
    ///   - drop: Lets go of them, so that they are bound anew.
    /// - Returns: Those of `requests`.
    package func lost(of requests: [ListenRequest], dropping drop: Bool) -> [ListenRequest] {
        let keys = state.withLock { drop ? $0.dropLost() : $0.lostKeys() }
        return keys.isEmpty ? [] : requests.filter { keys.contains(ListenerKey($0)) }
    }

    /// Where a request is bound, with the port that the kernel chose; nil when it is not.
    package func address(of request: ListenRequest) -> ListenAddress? {
        state.withLock { $0.address(of: request) }
    }

    func commit() { state.withLock { $0.commit() } }
    func rollBack() { state.withLock { $0.rollBack() } }

    /// Lets go of a lease whose descriptor its channel has closed.
    func release(_ lease: ListenerLease) { state.withLock { $0.release(lease) } }

    /// Lets go of a lease that nobody has accepted on.
    func close(_ lease: ListenerLease) {
        calls.close(lease.descriptor)
        release(lease)
    }

    func retirement(of lease: ListenerLease) -> Retirement { state.withLock { $0.retirement(of: lease) } }
    func endReading(_ lease: ListenerLease) { state.withLock { $0.endReading(lease) } }

    /// Makes a service the only reader of its UDP socket; the one before has stopped to read when this returns.
    func beginReading(_ lease: ListenerLease, rest: @escaping @Sendable () async -> Void) async {
        await state.withLock { $0.beginReading(lease, rest: rest) }?.rest()
    }

    func shed(_ lease: ListenerLease, saying answer: [UInt8]) { state.withLock { $0.shed(lease, saying: answer) } }
    func relisten(_ lease: ListenerLease) { state.withLock { $0.relisten(lease) } }

    func accept(_ lease: ListenerLease) throws(SystemCallError) -> Int32? {
        try state.withLock { (state) throws(SystemCallError) in try state.accept(lease) }
    }

    func discard(_ descriptor: Int32) { calls.close(descriptor) }
}
