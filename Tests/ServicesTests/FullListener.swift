import Glibc
import NIOCore

/// A listening socket whose queue is full: the kernel lets attempts to connect wait.
final class FullListener {
    let port: Int
    private var descriptors: [Int32] = []

    init() throws {
        let (listener, port) = try LoopbackSocket.bound()
        self.port = port
        descriptors = [listener]
        guard listen(listener, 0) == 0 else { throw IOError(errnoCode: errno, reason: "listen") }
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: port)
        // A queue of length 0 takes one connection; the others stay in the handshake.
        for _ in 1...3 {
            let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            _ = address.withSockAddr { pointer, size in Glibc.connect(client, pointer, socklen_t(size)) }
            descriptors.append(client)
        }
    }

    func close() {
        for descriptor in descriptors { _ = Glibc.close(descriptor) }
    }
}
