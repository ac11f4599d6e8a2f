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
