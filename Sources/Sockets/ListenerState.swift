import Addresses
import Glibc

/// What the listener table holds and how it changes; the table's lock is around it.
struct ListenerState {
    private struct Staging {
        /// What the table will own after the commit, claimed or new.
        var wanted: Set<ListenerKey>
        /// The sockets that got SO_REUSEPORT because a new one overlaps them.
        var shared: Set<ListenerKey>
    }

    private let calls: any SocketCalls
    private let factory: ListenerFactory
    private var listeners = ListenerIndex()
    private var staging: Staging?
    private var lastID: UInt64 = 0
    /// A descriptor to give up for one accept when the process has no other left.
    private var reserve: Int32?

    init(calls: any SocketCalls) {
        self.calls = calls
        factory = ListenerFactory(calls: calls)
    }

    // MARK: - Staging

    mutating func stage(_ requests: [ListenRequest]) -> [BindFailure] {
        precondition(staging == nil, "a change of the listener table was staged before the last one was decided")
        if reserve == nil { openReserve() }
        var change = Staging(wanted: [], shared: [])
        var failures: [BindFailure] = []
        var missing: [ListenRequest] = []
        for request in requests {
            if !change.wanted.insert(ListenerKey(request)).inserted {
                failures.append(failure(EADDRINUSE, of: request))
            } else if listeners[ListenerKey(request)] == nil {
                missing.append(request)
            }
        }
        for request in missing {
            do throws(SystemCallError) {
                try open(request, in: &change)
            } catch {
                failures.append(failure(error.errno, of: request))
            }
        }
        staging = change
        if !failures.isEmpty { rollBack() }
        return failures
    }

    mutating func commit() {
        guard let change = staging.take() else { return }
        for key in listeners.keys {
            if change.wanted.contains(key) {
                listeners[key]?.state = .owned
                heedNewConnections(key)
            } else {
                listeners[key]?.state = .retired
            }
        }
        closeAbandoned()
    }

    mutating func rollBack() {
        guard let change = staging.take() else { return }
        for key in listeners.keys {
            guard let listener = listeners[key], listener.state == .staged else { continue }
            listeners[key] = nil
            factory.close(listener)
        }
        for key in change.shared { stopSharing(key) }
        closeAbandoned()
    }

    mutating func retireAll() {
        for key in listeners.keys { listeners[key]?.state = .retired }
        closeAbandoned()
    }

    // MARK: - Duplicates

    mutating func lease(_ request: ListenRequest) throws(SystemCallError) -> ListenerLease {
        let key = ListenerKey(request)
        guard let listener = listeners[key], isAvailable(key, listener) else { throw SystemCallError(errno: EBADF) }
        let descriptor = try calls.duplicate(listener.descriptor)
        listeners[key]?.users += 1
        return ListenerLease(key: key, id: listener.id, descriptor: descriptor, address: listener.address)
    }

    mutating func release(_ lease: ListenerLease) {
        guard listeners[lease.key]?.id == lease.id else { return }
        listeners[lease.key]?.users -= 1
        closeIfAbandoned(lease.key)
    }

    /// What the last user of an address has to do before it lets go; drops new connection attempts where another
    /// socket takes them.
    mutating func retirement(of lease: ListenerLease) -> Retirement {
        guard let listener = listeners[lease.key], listener.id == lease.id, listener.state == .retired else {
            return .none
        }
        guard overlapsAnother(lease.key, listener) else { return .acceptQueue }
        do throws(SystemCallError) {
            try calls.ignoreNewConnections(true, of: listener.descriptor)
            listeners[lease.key]?.ignoresNewConnections = true
        } catch {
            // Without the filter a connection attempt may still arrive in the last moment and be reset.
        }
        return .settleThenAcceptQueue
    }

    /// The next connection in the queue of a listener, whoever accepts on its duplicates.
    func accept(_ lease: ListenerLease) throws(SystemCallError) -> Int32? {
        guard let listener = listeners[lease.key], listener.id == lease.id else { return nil }
        return try calls.accept(listener.descriptor)
    }

    /// With no descriptor left: takes one connection from the queue by means of the reserve and closes it at once, so
    /// that its client learns it instead of waiting.
    mutating func shed(_ lease: ListenerLease) {
        guard let listener = listeners[lease.key], listener.id == lease.id, let descriptor = reserve.take() else {
            return
        }
        calls.close(descriptor)
        do throws(SystemCallError) {
            if let accepted = try calls.accept(listener.descriptor) { calls.close(accepted) }
        } catch {
            // Another thread took the place; the connection waits in the queue for the next attempt.
        }
        openReserve()
    }

    func relisten(_ lease: ListenerLease) {
        guard let listener = listeners[lease.key], listener.id == lease.id else { return }
        do throws(SystemCallError) {
            try calls.listen(listener.descriptor, backlog: ListenerFactory.backlog)
        } catch {
            // The shorter queue that the socket has now also serves.
        }
    }

    mutating func closeReserve() {
        if let descriptor = reserve.take() { calls.close(descriptor) }
    }

    func inodes() -> [ListenAddress: UInt64] {
        Dictionary(
            listeners.values.filter { $0.state == .owned }.map { ($0.address, $0.inode) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    func address(of request: ListenRequest) -> ListenAddress? {
        listeners[ListenerKey(request)]?.address
    }

    // MARK: - Parts

    private mutating func open(_ request: ListenRequest, in change: inout Staging) throws(SystemCallError) {
        let key = ListenerKey(request)
        var sharesPort = false
        for other in listeners.overlapping(request.address) {
            // One that stays wanted is a conflict, which the bind reports.
            guard let listener = listeners[other], listener.state != .staged, !change.wanted.contains(other) else {
                continue
            }
            if case .unix = listener.address { continue }
            if !listener.sharesPort {
                try calls.set(.reusePort, of: listener.descriptor, to: 1)
                listeners[other]?.sharesPort = true
                change.shared.insert(other)
            }
            sharesPort = true
        }
        lastID += 1
        listeners[key] = try factory.open(request.address, id: lastID, sharingPort: sharesPort)
    }

    private func isAvailable(_ key: ListenerKey, _ listener: OwnedListener) -> Bool {
        listener.state == .owned || staging?.wanted.contains(key) == true
    }

    private mutating func heedNewConnections(_ key: ListenerKey) {
        guard let listener = listeners[key], listener.ignoresNewConnections else { return }
        do throws(SystemCallError) {
            try calls.ignoreNewConnections(false, of: listener.descriptor)
            listeners[key]?.ignoresNewConnections = false
        } catch {
            preconditionFailure("a filter that was attached cannot be detached: errno \(error.errno)")
        }
    }

    /// Closes every socket that nobody wants and nobody uses.
    private mutating func closeAbandoned() {
        for key in listeners.keys { closeIfAbandoned(key) }
    }

    private mutating func closeIfAbandoned(_ key: ListenerKey) {
        guard let listener = listeners[key], listener.state == .retired, listener.users == 0 else { return }
        guard staging?.wanted.contains(key) != true else { return }
        listeners[key] = nil
        factory.close(listener)
        for other in listeners.overlapping(listener.address) { stopSharingIfAlone(other) }
    }

    /// The flag hides a conflict with another process, so it goes as soon as nothing overlaps any more.
    private mutating func stopSharingIfAlone(_ key: ListenerKey) {
        guard let listener = listeners[key], listener.sharesPort, !overlapsAnother(key, listener) else { return }
        stopSharing(key)
    }

    private func overlapsAnother(_ key: ListenerKey, _ listener: OwnedListener) -> Bool {
        listeners.overlapping(listener.address).contains { $0 != key }
    }

    private mutating func stopSharing(_ key: ListenerKey) {
        guard let listener = listeners[key], listener.sharesPort else { return }
        do throws(SystemCallError) {
            try calls.set(.reusePort, of: listener.descriptor, to: 0)
            listeners[key]?.sharesPort = false
        } catch {
            // The flag stays: harmless but for a conflict with another process of the same user, which it would hide.
        }
    }

    private mutating func openReserve() {
        do throws(SystemCallError) {
            reserve = try calls.placeholder()
        } catch {
            // Tried again when it is needed; without it a connection waits in the queue.
        }
    }

    private func failure(_ code: Int32, of request: ListenRequest) -> BindFailure {
        let holder = code == EADDRINUSE ? SocketHolders(calls: calls).inode(inTheWayOf: request.address) : nil
        return BindFailure(request: request, errno: code, holderInode: holder)
    }
}
