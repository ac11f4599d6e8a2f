import Addresses
import Glibc
import Logging
import NIOCore
import NIOPosix
import Processes
import ServiceConfiguration
import Sockets
import Supervision
import Synchronization
import TestSupport
import Testing

@testable import Services

@Suite(.timeLimit(.minutes(1)))
struct StreamServiceTests {
    private let position = SourcePosition(file: "services.yaml", line: 1, column: 1)

    private func specification(_ kind: ServiceKind, _ change: (inout ServiceSpecification) -> Void = { _ in })
        -> ServiceSpecification
    {
        let listen = Located(ListenAddress.tcp(TestKernel.loopback, port: 0), at: position)
        var specification = ServiceSpecification(name: "s", at: position, kind: kind, listen: [listen])
        change(&specification)
        return specification
    }

    private func forward(to address: ListenAddress) -> ServiceKind {
        guard case .tcp(let host, let port) = address else { preconditionFailure("not TCP") }
        return .forward(ForwardSettings(to: Located(.host("\(host)", port: port), at: position)))
    }

    /// Runs one service under a supervisor around `body`, then stops it with `drain`.
    private func run(
        _ specification: ServiceSpecification,
        drain: Duration = .seconds(10),
        _ body: (ListenAddress, any ConfigurableService) async throws -> Void
    ) async throws -> ServiceRig.Record {
        let record = ServiceRig.Record()
        let table = ListenerTable()
        switch table.stage(specification.listenRequests) {
        case .staged(let staged): staged.commit()
        case .failed(let failures): throw try #require(failures.first)
        }
        let catalogue = Catalogue(
            group: MultiThreadedEventLoopGroup.singleton,
            listeners: table,
            warden: Warden(group: MultiThreadedEventLoopGroup.singleton),
            log: Logger(label: "test") { _ in ServiceRig.Lines(record) },
            stopped: { ledger in record.ledgers.withLock { $0.append(ledger) } }
        )
        let service = catalogue.service(for: specification, generation: 1)
        let supervisor = Supervisor { event in
            if case .forced(_, let lines) = event { record.forced.withLock { $0 += lines } }
        }
        async let end = supervisor.run()
        let child = ChildSpecification(
            id: ChildID(name: "s", generation: 1),
            requires: [],
            restart: RestartPolicy(),
            drain: drain,
            essential: true,
            service: service
        )
        var change = TreeChange()
        change.start = [PreparedChild(child, prepared: try await service.prepare())]
        #expect(await supervisor.apply(change).values.map(\.rawValue) == ["ready"])
        let inodes = table.inodes().values
        let address = try #require(table.address(of: specification.listenRequests[0]))
        do {
            try await body(address, service)
        } catch {
            Issue.record(error)
        }
        table.retireAll()
        supervisor.shutDown(limit: .seconds(30))
        _ = await end
        #expect(TestKernel.openSockets().isDisjoint(with: inodes))
        return record
    }

    @Test func `an echo service serves, drains and tells its balance`() async throws {
        let record = try await run(specification(.echo)) { address, service in
            for number in 1...3 {
                let client = try await TestClient.connect(to: address)
                try await client.send("hello")
                #expect(await client.text(5) == "hello")
                #expect(service.openConnections == number)
            }
        }
        #expect(record.ledgers.withLock { $0 } == [ServiceLedger(service: "s", connections: 3, forced: 0)])
        #expect(record.forced.withLock { $0 } == [])
    }

    @Test func `who does not finish within the drain time is cut and named`() async throws {
        let record = try await run(specification(.echo), drain: .milliseconds(100)) { address, _ in
            let client = try await TestClient.connect(to: address, reading: false)
            client.pour(64 << 20)
            try await Stalling(client.channel).wait()
        }
        #expect(record.ledgers.withLock { $0 } == [ServiceLedger(service: "s", connections: 1, forced: 1)])
        let forced = record.forced.withLock { $0 }
        #expect(forced.count == 1)
        #expect(forced.first?.contains("client=127.0.0.1:") == true)
    }

    @Test func `settings change while a service runs`() async throws {
        _ = try await run(specification(.echo) { $0.maxConnections = 1 }) { address, service in
            let first = try await TestClient.connect(to: address)
            try await first.send("1")
            #expect(await first.text(1) == "1")
            let second = try await TestClient.connect(to: address)
            try await second.send("2")
            service.apply(specification(.echo) { $0.idleTimeout = .milliseconds(500) }, generation: 2)
            #expect(await second.text(1) == "2")
            #expect(await second.end() == .finished, "the new idle timeout holds for what started later")
            try await first.send("1")
            #expect(await first.text(2) == "11")
        }
    }

    @Test func `a forward service relays and keeps half-closed connections`() async throws {
        let echo = try await TestListener.start { channel, connection in
            try channel.pipeline.syncOperations.addHandler(EchoHandler(connection, idle: nil))
        }
        let record = try await run(specification(forward(to: echo.address))) { address, _ in
            let client = try await TestClient.connect(to: address)
            client.pour(1_000_000)
            try await client.finish()
            #expect(await client.end() == .finished)
            #expect(client.received == 1_000_000)
        }
        #expect(record.ledgers.withLock { $0.map(\.forced) } == [0])
        await echo.end()
    }

    @Test func `a forward service reaches a unix socket`() async throws {
        let folder = try TestFolder.make()
        let echo = try await TestListener.start(on: .unix(path: folder + "/s")) { channel, connection in
            try channel.pipeline.syncOperations.addHandler(EchoHandler(connection, idle: nil))
        }
        let kind = ServiceKind.forward(ForwardSettings(to: Located(.unix(path: folder + "/s"), at: position)))
        _ = try await run(specification(kind)) { address, _ in
            let client = try await TestClient.connect(to: address)
            try await client.send("through")
            #expect(await client.text(7) == "through")
            try await client.finish()
            #expect(await client.end() == .finished)
        }
        await echo.end()
        #expect(rmdir(folder) == 0)
    }

    @Test func `a forward service waits for a place in the full queue of a unix socket`() async throws {
        let folder = try TestFolder.make()
        let address = ListenAddress.unix(path: folder + "/s")
        let listener = try TestKernel.calls.socket(for: address)
        defer { TestKernel.calls.close(listener) }
        try TestKernel.calls.bind(listener, to: address)
        defer { unlink(folder + "/s") }
        // A queue of none holds one connection.
        try TestKernel.calls.listen(listener, backlog: 0)
        let first = try await TestClient.connect(to: address)
        let kind = ServiceKind.forward(ForwardSettings(to: Located(.unix(path: folder + "/s"), at: position)))
        let record = try await run(specification(kind)) { address, _ in
            let client = try await TestClient.connect(to: address)
            try await client.send("waits")
            var accepted: [Int32] = []
            while accepted.count < 2 {
                if let descriptor = try TestKernel.calls.accept(listener) { accepted.append(descriptor) }
                await Task.yield()
            }
            for descriptor in accepted { TestKernel.calls.close(descriptor) }
            _ = await client.end()
        }
        #expect(record.lines.withLock { $0.filter { $0.hasPrefix("warning ") } } == [])
        try await first.close()
    }

    @Test func `a destination that refuses resets the client and is logged`() async throws {
        let nobody = ListenAddress.tcp(TestKernel.loopback, port: try FreePort.next())
        let record = try await run(specification(forward(to: nobody))) { address, _ in
            let client = try await TestClient.connect(to: address)
            #expect(await client.end() == .reset)
        }
        let warnings = record.lines.withLock { $0.filter { $0.hasPrefix("warning ") } }
        #expect(warnings.count == 1)
        #expect(warnings.allSatisfy { $0.hasPrefix("warning cannot connect to \(nobody): ") }, "\(warnings)")
    }

    @Test func `a client that goes away ends the dialling`() async throws {
        // A full queue: the kernel answers nobody who connects now.
        let any = ListenAddress.tcp(TestKernel.loopback, port: 0)
        let descriptor = try TestKernel.calls.socket(for: any)
        defer { TestKernel.calls.close(descriptor) }
        try TestKernel.calls.bind(descriptor, to: any)
        try TestKernel.calls.listen(descriptor, backlog: 0)
        let silent = try TestKernel.calls.localAddress(of: descriptor, boundTo: any)
        let only = try await TestClient.connect(to: silent)
        let record = try await run(specification(forward(to: silent)), drain: .seconds(5)) { address, _ in
            let client = try await TestClient.connect(to: address)
            try await client.reset()
        }
        try await only.close()
        #expect(record.forced.withLock { $0 } == [])
    }

    @Test func `a service whose socket fails crashes, restarts on the same socket and serves again`() async throws {
        // A port that the kernel chose would be another one after the socket has been shut down.
        let fixed = ListenAddress.tcp(TestKernel.loopback, port: try FreePort.next())
        let specification = specification(.echo) { $0.listen = [Located(fixed, at: position)] }
        let record = try await run(specification) { address, _ in
            let cut = try await TestClient.connect(to: address)
            try await cut.send("x")
            #expect(await cut.text(1) == "x")
            try TestKernel.shutDownListener(at: address)
            #expect(await cut.end() == .reset)
            var client: TestClient?
            while client == nil { client = try? await TestClient.connect(to: address) }
            try await client?.send("again")
            #expect(await client?.text(5) == "again")
        }
        #expect(record.ledgers.withLock { $0.map(\.forced) } == [1, 0])
    }
}
