package import NIOCore

/// Who sent a datagram, and to which address of this machine.
package struct DatagramClient: Hashable, Sendable {
    package var address: SocketAddress
    /// The address that the client used, from which an answer must come; nil when the socket has only one.
    package var local: NIOPacketInfo?

    package init(address: SocketAddress, local: NIOPacketInfo?) {
        self.address = address
        self.local = local
    }
}
