import CLinux
import Glibc
package import NIOCore

/// Facts that only the kernel knows about a channel's socket. To be used on the channel's event loop.
extension Channel {
    /// The bytes that the peer has not acknowledged: those in the channel and those in the kernel.
    package var unsentBytes: Int {
        bufferedBytes + max(0, kernelFact { Int(clinux_unsent_bytes($0)) })
    }

    /// The bytes that wait in the channel for the kernel to take them.
    package var bufferedBytes: Int {
        do {
            return try syncOptions?.getOption(.bufferedWritableBytes) ?? 0
        } catch {
            return 0  // closed: nothing waits
        }
    }

    /// True for a unix socket, until the channel has been closed for a turn of its loop.
    ///
    /// When the peer closes one, the kernel reports a hang-up, which NIO takes for a reset: it reads what waits, tells
    /// the end of the input and closes the channel. For TCP the same sequence is a real reset after a half-close.
    package var isUnix: Bool {
        for case .unixDomainSocket? in [localAddress, remoteAddress] { return true }
        return false
    }

    /// True when nothing has come that was not read yet, neither bytes nor an end: asks the kernel, because the event
    /// loop may not have heard of it.
    package var isQuiet: Bool {
        guard isActive else { return false }
        return kernelFact { descriptor in
            var look = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            return poll(&look, 1, 0) == 0 ? 1 : 0
        } == 1
    }

    /// Who is at the other end of a unix socket; nil when the kernel does not say.
    package var peerCredentials: PeerCredentials? {
        var credentials: PeerCredentials?
        _ = kernelFact { descriptor in
            var peer = clinux_peer()
            guard clinux_peer_credentials(descriptor, &peer) == 0 else { return 0 }
            // As many as the kernel lets a process have; a look at each connection, of which there are few.
            var groups = [UInt32](repeating: 0, count: 65_536)
            let count = clinux_peer_groups(descriptor, &groups, Int32(groups.count))
            credentials = PeerCredentials(
                processID: peer.pid,
                userID: peer.uid,
                groupID: peer.gid,
                groups: Array(groups.prefix(max(0, Int(count))))
            )
            return 0
        }
        return credentials
    }

    /// Closes with a reset, so that the peer sees that the stream is cut and not complete.
    package func reset() {
        _ = kernelFact { Int(clinux_reset_on_close($0)) }
        do {
            try pipeline.syncOperations.context(handlerType: TransportHandler.self).close(promise: nil)
        } catch {
            close(promise: nil)  // nothing stands between us and the socket
        }
    }

    /// Makes a dialled channel ready to be one side of a relay, before it is registered.
    package func prepareForRelay() throws {
        try closeOnExec()
        try syncOptions?.setOption(.writeBufferWaterMark, value: AcceptedConnections.writeBuffer)
    }

    /// An accepted socket must not reach a child process; NIO does not set close-on-exec.
    func closeOnExec() throws {
        try pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { descriptor in
            guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else { throw SystemCallError(errno: errno) }
        }
    }

    private func kernelFact(_ ask: (Int32) -> Int) -> Int {
        do {
            return try pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self, ask) ?? 0
        } catch {
            return 0  // closed: the kernel holds nothing
        }
    }
}
