import Addresses
import Glibc

/// What the listener table holds and how it changes; the table's lock is around it.
struct ListenerState {
    private struct Staging {
        /// What the table will own after the commit, claimed or new.
        var wanted: Set<ListenerKey>
        /// The sockets that got SO_REUSEPORT because a new one overlaps them.
        var shared: Set<ListenerKey> = []
        /// Who could connect to the claimed unix sockets to which others can now.
        var access: [ListenerKey: UnixAccess] = [:]
        /// What is wanted and optional and could not be bound.
        var absent: [ListenerKey: BindFailure] = [:]
    }

    let calls: any SocketCalls
    let factory: ListenerFactory
    var listeners = ListenerIndex()
    private var staging: Staging?
    /// Addresses of the committed configuration that are not bound: their services try again.
    var absent: Set<ListenerKey> = []
    /// Wanted unix sockets whose file somebody has removed; bound anew at the next opportunity.
    var lost: Set<ListenerKey> = []
    var lastID: UInt64 = 0
    /// How often the sockets of the configuration have become others.
    var changes: UInt64 = 0
    /// A descriptor to give up for one accept when the process has no other left.
    private var reserve: Int32?

    init(calls: any SocketCalls) {
        self.calls = calls
        factory = ListenerFactory(calls: calls)
    }

    // MARK: - Staging

    /// - Returns: What failed and is not optional, then what is optional; after a failure of the first nothing changed.
    mutating func stage(_ requests: [ListenRequest]) -> (failures: [BindFailure], absent: [BindFailure]) {
        precondition(staging == nil, "a change of the listener table was staged before the last one was decided")
        if reserve == nil { openReserve() }
        var change = Staging(wanted: [])
        var failures: [BindFailure] = []
        var optional: [BindFailure] = []
        var missing: [ListenRequest] = []
        // What is optional comes last: it must not take the place of what is not.
        for request in requests.filter({ !$0.isOptional }) + requests.filter(\.isOptional) {
            if !change.wanted.insert(ListenerKey(request)).inserted {
                let failure = failure(EADDRINUSE, of: request)
                if request.isOptional { optional.append(failure) } else { failures.append(failure) }
            } else if listeners[ListenerKey(request)] == nil {
                missing.append(request)
            }
        }
        for request in requests where failures.isEmpty {
            do throws(SystemCallError) {
                try setAccess(of: request, remembering: &change.access)
            } catch {
                failures.append(failure(error.errno, of: request))
            }
        }
        for request in missing {
            do throws(SystemCallError) {
                try open(request, beside: change.wanted, sharing: &change.shared)
            } catch {
                let failure = failure(error.errno, of: request)
                guard request.isOptional else {
                    failures.append(failure)
                    continue
                }
                change.absent[ListenerKey(request)] = failure
                optional.append(failure)
            }
        }
        staging = change
        if !failures.isEmpty { rollBack() }
        return (failures, optional)
    }

    mutating func commit() {
        guard let change = staging.take() else { return }
        changes += 1
        for key in listeners.keys {
            if change.wanted.contains(key) {
                listeners[key]?.state = .owned
                heedNewcomers(key)
            } else {
                listeners[key]?.state = .retired
            }
        }
        lost = lost.filter { change.wanted.contains($0) && listeners[$0] == nil }
        // A service of the last configuration may have bound one since.
        absent = Set(change.absent.keys.filter { listeners[$0] == nil }).union(lost)
        closeAbandoned()
    }

    mutating func rollBack() {
        guard let change = staging.take() else { return }
        for key in listeners.keys {
            guard let listener = listeners[key], listener.state == .staged else { continue }
            if listener.users > 0, absent.remove(key) != nil {
                // A running service wanted it before this change and has taken it.
                listeners[key]?.state = .owned
                changes += 1
                heedNewcomers(key)
                continue
            }
            listeners[key] = nil
            factory.close(listener)
        }
        for key in change.shared { stopSharing(key) }
        for (key, access) in change.access {
            do throws(SystemCallError) {
                try setAccess(of: key, to: access)
            } catch {
                // More may connect than should; the service asks the kernel who each of them is.
            }
        }
        closeAbandoned()
    }

    mutating func retireAll(except kept: Set<ListenerKey> = []) {
        absent.formIntersection(kept)
        for key in listeners.keys where !kept.contains(key) {
            // Nothing was committed: its file is still that of the other process, or of the next one.
            if listeners[key]?.state == .inherited { listeners[key]?.file = nil }
            listeners[key]?.state = .retired
        }
        closeAbandoned()
    }

    // MARK: - Duplicates

    /// A duplicate of a socket that is wanted; binds it first when it is absent.
    mutating func lease(_ request: ListenRequest) throws(BindFailure) -> ListenerLease {
        let key = ListenerKey(request)
        if listeners[key] == nil { try bindAbsent(request) }
        guard let listener = listeners[key], isAvailable(key, listener) else {
            throw BindFailure(request: request, errno: EBADF, holderInode: nil)
        }
        do throws(SystemCallError) {
            let descriptor = try calls.duplicate(listener.descriptor)
            listeners[key]?.users += 1
            return ListenerLease(key: key, id: listener.id, descriptor: descriptor, address: listener.address)
        } catch {
            throw BindFailure(request: request, errno: error.errno, holderInode: nil)
        }
    }

    private mutating func bindAbsent(_ request: ListenRequest) throws(BindFailure) {
        let key = ListenerKey(request)
        guard absent.contains(key) else {
            // Of a change that is only staged: what the staging found a moment ago still holds.
            guard let failure = staging?.absent[key] else { return }
            throw failure
        }
        var shared: Set<ListenerKey> = []
        let owned = Set(listeners.keys.filter { listeners[$0]?.state == .owned })
        do throws(SystemCallError) {
            try open(request, beside: owned, sharing: &shared)
        } catch {
            for key in shared { stopSharing(key) }
            throw failure(error.errno, of: request)
        }
        listeners[key]?.state = .owned
        changes += 1
        heedNewcomers(key)
        absent.remove(key)
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
        // Whoever waits in its queue waits for the other process.
        guard !listener.isLeft else { return .none }
        guard overlapsAnother(lease.key, listener) else { return .acceptQueue }
        // What the kernel has begun to deliver arrives while it settles, in either case.
        guard mayIgnoreNewcomers(lease.key, listener) else { return .settleThenAcceptQueue }
        do throws(SystemCallError) {
            try calls.ignoreNewcomers(true, of: listener.descriptor, at: listener.address)
            listeners[lease.key]?.ignoresNewcomers = true
        } catch {
            // Without it a connection attempt, or a datagram, may still arrive in the last moment and be lost.
        }
        return .settleThenAcceptQueue
    }

    /// False for a UDP wildcard: it gets nothing that the other socket wants, but may get more for its sessions.
    ///
    /// Neither for a UDP port that the kernel chose: it would be lost with the peer that makes the socket deaf.
    private func mayIgnoreNewcomers(_ key: ListenerKey, _ listener: OwnedListener) -> Bool {
        guard case .udp(let host, _) = listener.address else { return true }
        return !host.isWildcard && !key.isChosenByKernel
    }

    /// Makes a service the reader of a UDP socket; returns the one that it must tell to rest.
    mutating func beginReading(_ lease: ListenerLease, rest: @escaping @Sendable () async -> Void) -> ReadingTurn? {
        guard listeners[lease.key]?.id == lease.id else { return nil }
        defer { listeners[lease.key]?.reader = ReadingTurn(descriptor: lease.descriptor, rest: rest) }
        return listeners[lease.key]?.reader
    }

    mutating func endReading(_ lease: ListenerLease) {
        guard let listener = listeners[lease.key], listener.id == lease.id else { return }
        if listener.reader?.descriptor == lease.descriptor { listeners[lease.key]?.reader = nil }
    }

    /// The next connection in the queue of a listener, whoever accepts on its duplicates.
    func accept(_ lease: ListenerLease) throws(SystemCallError) -> Int32? {
        guard let listener = listeners[lease.key], listener.id == lease.id else { return nil }
        return try accept(listener)
    }

    /// With no descriptor left: takes one connection from the queue by means of the reserve and closes it at once, with
    /// `answer`, so that its client learns it instead of waiting.
    mutating func shed(_ lease: ListenerLease, saying answer: [UInt8]) {
        guard let listener = listeners[lease.key], listener.id == lease.id, let descriptor = reserve.take() else {
            return
        }
        calls.close(descriptor)
        do throws(SystemCallError) {
            if let accepted = try accept(listener) { calls.dismiss(accepted, saying: answer) }
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

    /// A program that has the socket too may have made it blocking, and this thread must not wait for a client.
    private func accept(_ listener: OwnedListener) throws(SystemCallError) -> Int32? {
        try calls.setNonBlocking(listener.descriptor)
        return try calls.accept(listener.descriptor)
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

    /// Binds what is missing, beside those of `wanted` and the retired.
    private mutating func open(
        _ request: ListenRequest,
        beside wanted: Set<ListenerKey>,
        sharing shared: inout Set<ListenerKey>
    ) throws(SystemCallError) {
        let key = ListenerKey(request)
        var sharesPort = false
        for other in listeners.overlapping(request.address) {
            // One that stays wanted is a conflict, which the bind reports.
            guard let listener = listeners[other], listener.state != .staged, !wanted.contains(other) else {
                continue
            }
            if case .unix = listener.address { continue }
            if !listener.sharesPort {
                try calls.set(.reusePort, of: listener.descriptor, to: 1)
                listeners[other]?.sharesPort = true
                shared.insert(other)
            }
            sharesPort = true
        }
        lastID += 1
        listeners[key] = try factory.open(request, id: lastID, sharingPort: sharesPort)
    }

    /// Lets those in whom a claimed unix socket is to let in; before the commit, because it can fail.
    private mutating func setAccess(
        of request: ListenRequest,
        remembering former: inout [ListenerKey: UnixAccess]
    ) throws(SystemCallError) {
        let key = ListenerKey(request)
        guard case .unix = request.address, let access = listeners[key]?.access, access != request.access else {
            return
        }
        former[key] = access
        try setAccess(of: key, to: request.access)
    }

    private mutating func setAccess(of key: ListenerKey, to access: UnixAccess) throws(SystemCallError) {
        guard let listener = listeners[key], case .unix(let path) = listener.address else { return }
        // Somebody may have put another file there.
        if try calls.file(at: path) == listener.file { try factory.set(access, ofFile: path) }
        listeners[key]?.access = access
    }

    private func isAvailable(_ key: ListenerKey, _ listener: OwnedListener) -> Bool {
        listener.state == .owned || staging?.wanted.contains(key) == true
    }

    private mutating func heedNewcomers(_ key: ListenerKey) {
        guard let listener = listeners[key], listener.ignoresNewcomers else { return }
        do throws(SystemCallError) {
            try calls.ignoreNewcomers(false, of: listener.descriptor, at: listener.address)
            listeners[key]?.ignoresNewcomers = false
        } catch {
            preconditionFailure("a filter or peer that is there cannot be taken away: errno \(error.errno)")
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
