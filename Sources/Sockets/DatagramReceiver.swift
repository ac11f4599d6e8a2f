package import NIOCore

/// What a service does with the datagrams of one listening socket; used on the socket's event loop only.
package protocol DatagramReceiver: AnyObject {
    /// Takes one datagram; `bytes` are the whole of it, and may be none.
    func receive(_ bytes: ByteBuffer, from client: DatagramClient)

    /// The service stops: what begins no session is answered as long as it comes, no session begins from now on.
    func stop()
}
