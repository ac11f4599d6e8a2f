import Addresses
import Glibc
import NIOCore
import NIOEmbedded
import NIOPosix
import Synchronization
import TestSupport
import Testing

@testable import Services
@testable import Sockets

@Suite(.timeLimit(.minutes(1)))
struct AcceptTests {
    private final class Troubles: Sendable {
        let all = Mutex<[AcceptTrouble?]>([])
        func hear(_ trouble: AcceptTrouble?) { all.withLock { $0.append(trouble) } }
        var heard: [AcceptTrouble?] { all.withLock { $0 } }
    }

    private func gate(
        _ troubles: Troubles,
        _ failure: AcceptFailure,
        shed: @escaping () -> Void = {}
    ) throws -> EmbeddedChannel {
        let connections = ConnectionTable(service: "test", limit: 10)
        let gate = AcceptGate(connections: connections, failure: failure, report: { troubles.hear($0) }, shed: shed)
        let channel = EmbeddedChannel(handler: gate)
        gate.open()
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        return channel
    }

    @Test func `each accept without descriptors sheds one client and is reported once in ten seconds`() throws {
        let troubles = Troubles()
        var shed = 0
        let channel = try gate(troubles, AcceptFailure()) { shed += 1 }
        for round in 1...3 {
            channel.pipeline.fireErrorCaught(IOError(errnoCode: EMFILE, reason: "accept"))
            #expect(shed == round)
            channel.embeddedEventLoop.advanceTime(by: .milliseconds(100))
        }
        #expect(troubles.heard == [AcceptTrouble(errno: EMFILE, occurrences: 1)], "one report in ten seconds")
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(9_899))
        #expect(troubles.heard.count == 1)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(troubles.heard.last == .some(nil), "without another failure it is over")
        _ = try channel.finish(acceptAlreadyClosed: true)
    }

    @Test func `a client that has gone in the queue does not disturb accepting`() throws {
        let failure = AcceptFailure()
        let channel = try gate(Troubles(), failure)
        channel.pipeline.fireErrorCaught(IOError(errnoCode: ECONNABORTED, reason: "accept"))
        #expect(failure.error == nil)
        _ = try channel.finish(acceptAlreadyClosed: true)
    }

    @Test func `any other error of accept reaches the service`() async throws {
        let failure = AcceptFailure()
        let channel = try gate(Troubles(), failure)
        channel.pipeline.fireErrorCaught(IOError(errnoCode: EBADF, reason: "accept"))
        let error = await failure.wait() as? IOError
        #expect(error?.errnoCode == EBADF)
        _ = try? channel.finish(acceptAlreadyClosed: true)
    }

    @Test func `a queue that never empties does not keep a service that stops`() async throws {
        // The port is known only later; each connection that is accepted brings the next one.
        let port = Mutex<UInt16>(0)
        let isOver = Mutex(false)
        let next: @Sendable () throws -> Void = {
            guard !isOver.withLock({ $0 }) else { return }
            let client = try RawClient()
            defer { client.close() }
            try client.connect(to: port.withLock { $0 })
        }
        var listener = try await TestListener.start(limit: 100_000) { _, _ in
            try next()
            // Refused, which closes it.
            throw CancellationError()
        }
        guard case .tcp(_, let number) = listener.address else { return }
        port.withLock { $0 = number }
        try next()
        await listener.stopAccepting()
        isOver.withLock { $0 = true }
        await listener.end()
    }

    @Test func `waiting for a failure ends with the task`() async {
        let failure = AcceptFailure()
        await withTaskGroup { group in
            group.addTask { #expect(await failure.wait() == nil) }
            group.cancelAll()
        }
    }

    @Test func `an accepted socket does not pass to child processes`() async throws {
        let flags = Mutex<Int32>(0)
        let listener = try await TestListener.start { channel, connection in
            let value = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
                of: NIOBSDSocket.Handle.self
            ) { fcntl($0, F_GETFD) }
            flags.withLock { $0 = value ?? 0 }
            try channel.pipeline.syncOperations.addHandler(EchoHandler(connection, idle: nil))
        }
        let client = try await TestClient.connect(to: listener.address)
        try await client.send("x")
        #expect(await client.text(1) == "x")
        #expect(flags.withLock { $0 } == FD_CLOEXEC)
        try await client.close()
        await listener.end()
    }

    @Test func `a connection that its service refuses is closed and frees its slot`() async throws {
        let listener = try await TestListener.start(limit: 1) { _, _ in throw ChannelError.operationUnsupported }
        for _ in 0..<3 {
            let client = try await TestClient.connect(to: listener.address)
            _ = await client.end()
            try await client.close()
        }
        _ = await listener.connections.empty()
        #expect(listener.connections.totals.connections == 3)
        await listener.end()
    }

    @Test func `a process without descriptors sheds clients slowly and then serves again`() async {
        await #expect(processExitsWith: .success) {
            let listener = try await TestListener.start { channel, connection in
                try channel.pipeline.syncOperations.addHandler(EchoHandler(connection, idle: nil))
            }
            guard case .tcp(_, let port) = listener.address else { return }
            let clients = try (0..<4).map { _ in try RawClient() }
            let last = try RawClient()
            try DescriptorLimit.forbidMore()
            for client in clients { try client.connect(to: port) }
            let start = ContinuousClock.now
            for client in clients { #expect(client.receive() <= 0) }
            #expect(ContinuousClock.now - start >= .milliseconds(250), "accepting rests between two attempts")
            try DescriptorLimit.allowMore()
            try last.connect(to: port)
            last.send()
            #expect(last.receive() == 1)
            last.close()
            for client in clients { client.close() }
            await listener.end()
        }
    }
}
