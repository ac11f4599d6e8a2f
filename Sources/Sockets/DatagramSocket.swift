import CLinux
import Glibc
package import NIOCore
import NIOPosix

/// One open UDP socket of a service, which sends at once or not at all; to be used on its event loop.
///
/// Nothing is queued: what the kernel does not take now is lost, as it would be on a busy link. So a client that is
/// slow, or a flood, costs no memory.
package struct DatagramSocket {
    /// The largest datagram that IPv6 can carry, and one byte more than IPv4 can.
    package static let readBuffer = 65_535
    /// How many datagrams one wake-up of the event loop reads, so that others get their turn.
    package static let batch: UInt = 32

    package let channel: any Channel
    private let descriptor: Int32

    /// - Parameter channel: A datagram channel that is open.
    /// - Throws: When it has closed, or shows no descriptor.
    package init(_ channel: any Channel) throws {
        let found = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { $0 }
        guard let found else { throw ChannelError.operationUnsupported }
        self.channel = channel
        descriptor = found
    }

    /// Sends to the peer of a connected socket.
    ///
    /// - Throws: The errno; this datagram is lost then, but ECONNREFUSED tells that an earlier one was refused.
    package func send(_ bytes: ByteBuffer) throws(SystemCallError) {
        if let code = attempt(bytes, to: nil, 0, from: nil, 0) { throw SystemCallError(errno: code) }
    }

    /// Sends to a client, from the address that it has used.
    ///
    /// - Throws: The errno; the datagram is lost then.
    package func send(_ bytes: ByteBuffer, to client: DatagramClient) throws(SystemCallError) {
        let failure = client.address.withSockAddr { to, length in
            guard let local = client.local else { return attempt(bytes, to: to, UInt32(length), from: nil, 0) }
            return local.destinationAddress.withSockAddr { from, _ in
                attempt(bytes, to: to, UInt32(length), from: from, Int32(local.interfaceIndex))
            }
        }
        guard let code = failure else { return }
        // A broadcast address: the client has used it, but nothing can be sent from there.
        guard code == EINVAL || code == EADDRNOTAVAIL, client.local != nil else { throw SystemCallError(errno: code) }
        try send(bytes, to: DatagramClient(address: client.address, local: nil))
    }

    /// The errno of sending, or nil.
    private func attempt(
        _ bytes: ByteBuffer,
        to: UnsafeRawPointer?,
        _ length: UInt32,
        from: UnsafeRawPointer?,
        _ interface: Int32
    ) -> Int32? {
        // On its event loop a channel that is active has its descriptor.
        guard channel.isActive else { return EBADF }
        return bytes.withUnsafeReadableBytes { bytes in
            let sent = clinux_send_datagram(descriptor, bytes.baseAddress, bytes.count, to, length, from, interface)
            return sent == 0 ? nil : errno
        }
    }

    /// True when something waits to be read.
    var isReadable: Bool { channel.isActive && clinux_is_readable(descriptor) != 0 }
}
