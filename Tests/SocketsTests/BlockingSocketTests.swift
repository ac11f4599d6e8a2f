import Addresses
import Glibc
import NIOPosix
import Sockets
import Testing

/// A program makes its sockets blocking, and with that every duplicate: it is a flag of what they share.
@Suite(.timeLimit(.minutes(1)))
struct BlockingSocketTests {
    /// Does what is done for a program that gets the socket.
    private func pass(_ request: ListenRequest, of table: ListenerTable) throws {
        let sockets = try table.passedSockets(for: [request])
        for descriptor in sockets.descriptors {
            #expect(fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK) == 0)
        }
        _ = sockets.close()
    }

    private func blocks(_ request: ListenRequest, of table: ListenerTable) throws -> Bool {
        let sockets = try table.passedSockets(for: [request])
        let flags = sockets.descriptors.map { fcntl($0, F_GETFL) }
        _ = sockets.close()
        return flags.contains { $0 & O_NONBLOCK == 0 }
    }

    @Test func `an address that comes back from a program does not block who accepts on it`() async throws {
        let table = ListenerTable()
        let stream = ListenRequest(.tcp(TestKernel.loopback, port: 0), owner: "s", index: 0)
        switch table.stage([stream]) {
        case .staged(let staged): staged.commit()
        case .failed(let failures): throw try #require(failures.first)
        }
        for _ in 1...2 {
            try pass(stream, of: table)
            #expect(try blocks(stream, of: table))
            // Staged and rolled back: the program goes on as before.
            _ = try table.sockets(for: [stream]).close()
            #expect(try blocks(stream, of: table))
            let acceptors = try await table.sockets(for: [stream]).accept(
                on: MultiThreadedEventLoopGroup.singleton,
                into: ConnectionTable(service: "s", limit: 10)
            ) { _, _ in }
            #expect(try !blocks(stream, of: table))
            _ = await acceptors.close()
        }
        table.retireAll()
        #expect(table.inodes().isEmpty)
    }

    @Test func `an address that a program has made blocking retires without waiting for a client`() async throws {
        var listener = try await TestListener.start { _, _ in }
        try pass(listener.request, of: listener.table)
        await listener.stopAccepting()
        await listener.end()
    }
}
