import Addresses
import Glibc

/// Opens one listening socket, completely or not at all.
struct ListenerFactory {
    /// How many connections may wait to be accepted.
    ///
    /// The kernel lowers it to net.core.somaxconn. A burst of clients must wait there while the service is at its
    /// limit, so it is as large as the usual somaxconn.
    static let backlog: Int32 = 4_096
    /// A dead peer is noticed after 60 + 4 * 15 seconds of silence; accepted connections inherit these.
    private static let inheritedOptions: [(SocketOption, Int32)] = [
        (.noDelay, 1), (.keepAlive, 1), (.keepAliveIdle, 60), (.keepAliveInterval, 15), (.keepAliveCount, 4),
    ]

    /// How many bytes of datagrams may wait to be read: a burst, or those that come while a service is replaced.
    ///
    /// The kernel lowers it to net.core.rmem_max and counts its own overhead, so the usual 208 KiB hold a few hundred
    /// small datagrams; where the administrator allows more, tens of thousands.
    private static let datagramBuffer: Int32 = 4 << 20

    var calls: any SocketCalls

    /// Binds and listens; `sharingPort` beside an overlapping address, silent until the commit.
    func open(_ request: ListenRequest, id: UInt64, sharingPort: Bool) throws(SystemCallError) -> OwnedListener {
        let address = request.address
        let descriptor = try calls.socket(for: address)
        do throws(SystemCallError) {
            try configure(descriptor, for: request, sharingPort: sharingPort)
            let file = try bind(descriptor, to: request)
            do throws(SystemCallError) {
                let ignoresNewcomers = try listen(descriptor, at: address, sharingPort: sharingPort)
                return OwnedListener(
                    id: id,
                    descriptor: descriptor,
                    inode: try calls.inode(of: descriptor),
                    address: try calls.localAddress(of: descriptor, boundTo: address),
                    file: file,
                    access: request.access,
                    state: .staged,
                    sharesPort: sharingPort,
                    ignoresNewcomers: ignoresNewcomers
                )
            } catch {
                unlink(file, at: address)
                throw error
            }
        } catch {
            calls.close(descriptor)
            throw error
        }
    }

    /// Makes a listening socket of another process one of the table's.
    ///
    /// - Returns: The socket; nil when it is of another kind, or when the file at its path is another's.
    func adopt(_ descriptor: Int32, named name: KeptName?) throws(SystemCallError) -> OwnedListener? {
        guard let address = try calls.listenAddress(of: descriptor) else { return nil }
        var file: FileIdentity?
        var access = UnixAccess.ownerAndGroup
        if case .unix(let path) = address {
            file = try calls.file(at: path)
            guard file?.isSocket == true, name?.file == nil || name?.file == file else { return nil }
            access = try calls.access(ofFile: path)
        }
        try calls.setNonBlocking(descriptor)
        try setOptions(of: descriptor, at: address)
        try tidy(descriptor, at: address)
        if !address.isDatagram { try calls.listen(descriptor, backlog: Self.backlog) }
        return OwnedListener(
            id: 0,
            descriptor: descriptor,
            inode: try calls.inode(of: descriptor),
            address: address,
            file: file,
            access: access,
            state: .inherited
        )
    }

    /// Takes away what a process that ended in the midst of a change may have left.
    private func tidy(_ descriptor: Int32, at address: ListenAddress) throws(SystemCallError) {
        if case .unix = address { return }
        try calls.set(.reusePort, of: descriptor, to: 0)
        do throws(SystemCallError) {
            try calls.ignoreNewcomers(false, of: descriptor, at: address)
        } catch {
            // There was nothing to take away.
        }
    }

    /// Closes a socket and removes its file, unless the path names another file by now.
    func close(_ listener: OwnedListener) {
        unlink(listener.file, at: listener.address)
        calls.close(listener.descriptor)
    }

    private func configure(
        _ descriptor: Int32,
        for request: ListenRequest,
        sharingPort: Bool
    ) throws(SystemCallError) {
        let address = request.address
        switch address {
        case .unix: try calls.setMode(request.access.mode, of: descriptor)
        case .tcp(.v4, _), .udp(.v4, _): break
        case .tcp(.v6, _), .udp(.v6, _): try calls.set(.onlyIPv6, of: descriptor, to: 1)
        }
        try setOptions(of: descriptor, at: address)
        if sharingPort {
            try calls.set(.reusePort, of: descriptor, to: 1)
            if !address.isDatagram { try calls.ignoreNewcomers(true, of: descriptor, at: address) }
        }
    }

    private func setOptions(of descriptor: Int32, at address: ListenAddress) throws(SystemCallError) {
        if case .unix = address { return }
        if address.isDatagram {
            // Not SO_REUSEADDR: with it, UDP lets two sockets have the same address and gives one of them everything.
            try calls.set(.receiveBuffer, of: descriptor, to: Self.datagramBuffer)
        } else {
            try calls.set(.reuseAddress, of: descriptor, to: 1)
            for (option, value) in Self.inheritedOptions {
                try calls.set(option, of: descriptor, to: value)
            }
        }
    }

    /// Begins to listen, or not yet beside a socket that goes on until the commit.
    ///
    /// A UDP socket listens from its bind on. The wildcard gets nothing that the other one would have got; a narrower
    /// address would take it away, so it ignores everybody until the commit.
    private func listen(
        _ descriptor: Int32,
        at address: ListenAddress,
        sharingPort: Bool
    ) throws(SystemCallError) -> Bool {
        guard case .udp(let host, _) = address else {
            try calls.listen(descriptor, backlog: Self.backlog)
            return sharingPort
        }
        guard sharingPort, !host.isWildcard else { return false }
        try calls.ignoreNewcomers(true, of: descriptor, at: address)
        return true
    }

    /// Binds, and replaces the file of a unix socket on which nobody listens any more.
    private func bind(_ descriptor: Int32, to request: ListenRequest) throws(SystemCallError) -> FileIdentity? {
        let address = request.address
        do throws(SystemCallError) {
            try calls.bind(descriptor, to: address)
        } catch {
            guard error.errno == EADDRINUSE, case .unix(let path) = address, try isStale(path) else { throw error }
            try calls.unlink(path)
            try calls.bind(descriptor, to: address)
        }
        guard case .unix(let path) = address else { return nil }
        do throws(SystemCallError) {
            try set(request.access, ofFile: path)
            return try calls.file(at: path)
        } catch {
            unlink(path)
            throw error
        }
    }

    /// Lets those in whom `access` names, and nobody else.
    ///
    /// The mode given before the bind is narrowed by the umask, never widened; this makes it exact. A change of the
    /// group can alter the mode, so it comes first; at a new socket nobody can connect before it listens.
    func set(_ access: UnixAccess, ofFile path: String) throws(SystemCallError) {
        if let group = access.group { try calls.setGroup(group, ofFile: path) }
        try calls.setMode(access.mode, ofFile: path)
    }

    private func isStale(_ path: String) throws(SystemCallError) -> Bool {
        guard try calls.file(at: path)?.isSocket == true else { return false }
        do throws(SystemCallError) {
            try calls.probe(path)
            return false
        } catch {
            return error.errno == ECONNREFUSED
        }
    }

    private func unlink(_ file: FileIdentity?, at address: ListenAddress) {
        guard let file, case .unix(let path) = address else { return }
        do throws(SystemCallError) {
            if try calls.file(at: path) == file { unlink(path) }
        } catch {
            // The file stays; the next bind finds that nobody listens there and replaces it.
        }
    }

    private func unlink(_ path: String) {
        do throws(SystemCallError) {
            try calls.unlink(path)
        } catch {
            // The same.
        }
    }
}
