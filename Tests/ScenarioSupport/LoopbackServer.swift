import Glibc
import Synchronization

/// A small threaded TCP server on a port that the kernel chose; the handler owns the connection until it returns.
package final class LoopbackServer: Sendable {
    package let port: UInt16
    private let descriptor: Int32
    private let acceptor = Mutex<WorkerThread?>(nil)
    private let stopped = Mutex(false)
    private let acceptedCount = Atomic(0)

    package init(handler: @escaping @Sendable (ClientSocket) throws -> Void) throws {
        descriptor = socket(AF_INET, SocketAddress.streamType, 0)
        guard descriptor >= 0 else { throw ScenarioFailure("cannot open a socket: \(SystemError.text(errno))") }
        let bound = try SocketAddress.with(SocketAddress.loopback, 0) { [descriptor] in bind(descriptor, $0, $1) }
        guard bound == 0, listen(descriptor, 1024) == 0 else {
            throw ScenarioFailure("cannot listen: \(SystemError.text(errno))")
        }
        port = try SocketAddress.localPort(of: descriptor)
        let thread = try WorkerThread { self.acceptAll(handler) }
        acceptor.withLock { $0 = thread }
    }

    /// A server that still has something to say when its client has ended its stream, as soon as the gate is open.
    package static func late(_ gate: Gate) throws -> LoopbackServer {
        try LoopbackServer { client in
            let request = try client.receiveToEnd()
            gate.wait()
            try client.send(request + Array(" late".utf8))
        }
    }

    /// The connections that have come so far.
    package var accepted: Int { acceptedCount.load(ordering: .relaxed) }

    /// Stops accepting; connections end with their handlers.
    package func stop() {
        stopped.withLock { $0 = true }
        shutdown(descriptor, Int32(SHUT_RDWR))
        let thread = acceptor.withLock { thread in
            let running = thread
            thread = nil
            return running
        }
        guard let thread else { return }
        thread.join()
        close(descriptor)
    }

    private func acceptAll(_ handler: @escaping @Sendable (ClientSocket) throws -> Void) {
        while !stopped.withLock({ $0 }) {
            let accepted = accept(descriptor, nil, nil)
            guard accepted >= 0 else {
                if errno == EINTR || errno == ECONNABORTED { continue }
                return
            }
            acceptedCount.add(1, ordering: .relaxed)
            do {
                _ = try WorkerThread {
                    // A peer that goes away is the peer's business here; the client side of the scenario reports it.
                    do { try handler(ClientSocket(descriptor: accepted, limit: .seconds(60))) } catch {}
                }
            } catch {
                // The client sees an end that nobody can explain, so it is said here why.
                print("a server of the test lost a connection: \(error)")
                close(accepted)
            }
        }
    }

    /// An echo in upper case, which tells a forward's peer from the echo service.
    package static func upperCaseEcho() throws -> LoopbackServer {
        try echo { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 ? $0 - 32 : $0 }
    }

    package static func sameCaseEcho() throws -> LoopbackServer {
        try echo { $0 }
    }

    private static func echo(_ change: @escaping @Sendable (UInt8) -> UInt8) throws -> LoopbackServer {
        try LoopbackServer { client in
            while case let bytes = try client.receive(), !bytes.isEmpty { try client.send(bytes.map(change)) }
            client.endSending()
        }
    }

    /// A small HTTP origin that answers every request with its body and closes.
    package static func origin(body: String = "origin\n") throws -> LoopbackServer {
        try LoopbackServer { client in
            guard try !client.receiveHead().isEmpty else { return }
            try client.send(
                "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
            )
            client.endSending()
            _ = try client.receiveToEnd()
        }
    }
}
