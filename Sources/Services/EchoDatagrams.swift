import NIOCore
import Sockets

/// Echo of datagrams (RFC 862): sends each back to where it came from.
///
/// It keeps no sessions: nothing is held for a client between two datagrams, so there is nothing to bound, to count or
/// to drain. It ends when its socket is empty.
final class EchoDatagrams: DatagramReceiver {
    /// The sources that answer by themselves: echo, daytime, quote of the day, character generator, time.
    ///
    /// A datagram forged to come from one of them would go to and fro for ever.
    private static let answering: Set<Int> = [7, 13, 17, 19, 37]

    private let socket: DatagramSocket
    private let ownPort: Int?

    init(_ socket: DatagramSocket) {
        self.socket = socket
        ownPort = socket.channel.localAddress?.port
    }

    func receive(_ bytes: ByteBuffer, from client: DatagramClient) {
        // An echo on the same port, of this machine or another, answers too. Nobody can be answered at port 0.
        guard let port = client.address.port, port != 0, port != ownPort, !Self.answering.contains(port) else { return }
        do throws(SystemCallError) {
            try socket.send(bytes, to: client)
        } catch {
            // The answer is lost, as datagrams may be: no route to the client, or a link that is full.
        }
    }

    func stop() {}
}
