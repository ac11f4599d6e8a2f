import Addresses
import NIOCore
import NIOPosix
import Processes
import ServiceConfiguration
import Sockets
import Supervision
import Testing

@testable import Services

@Suite(.timeLimit(.minutes(1)))
struct ProxyBridgeServiceTests {
    private func specification(_ settings: BridgeSettings) -> ServiceSpecification {
        let position = SourcePosition(file: "services.yaml", line: 1, column: 1)
        let listen = Located(ListenAddress.tcp(.v4(0x7f00_0001), port: 0), at: position)
        return ServiceSpecification(name: "bridge", at: position, kind: .proxyBridge(settings), listen: [listen])
    }

    private func start(_ service: any ConfigurableService) async throws -> TreeChange {
        let child = ChildSpecification(
            id: ChildID(name: "bridge", generation: 1),
            requires: [],
            restart: RestartPolicy(),
            drain: .seconds(10),
            essential: true,
            service: service
        )
        var change = TreeChange()
        change.start = [PreparedChild(child, prepared: try await service.prepare())]
        return change
    }

    @Test func `a reload changes the credential under a client that stays connected`() async throws {
        try await ScriptedServer.run { peer, _ in
            while true {
                let head = try await peer.readHead()
                let isNew = head.contains("Basic YWxpY2U6bmV3\r\n")
                try await peer.send("HTTP/1.1 20\(isNew ? 1 : 0) X\r\nContent-Length: 0\r\n\r\n")
            }
        } _: { server in
            let first = specification(.through(server.port, password: "old"))
            let log = RecordedLog()
            let listeners = ListenerTable()
            guard case .staged(let staged) = listeners.stage(first.listenRequests) else {
                Issue.record("not bound")
                return
            }
            staged.commit()
            let catalogue = Catalogue(
                group: MultiThreadedEventLoopGroup.singleton,
                listeners: listeners,
                warden: Warden(group: MultiThreadedEventLoopGroup.singleton),
                log: log.logger
            )
            let service = catalogue.service(for: first, generation: 1)
            let supervisor = Supervisor { _ in }
            async let end = supervisor.run()
            _ = await supervisor.apply(try await start(service))
            guard case .tcp(_, let port)? = listeners.address(of: first.listenRequests[0]) else { return }
            let rig = ProxyBridgeRig(
                routes: BridgeRoutes(RouteSnapshot(.through(1), generation: 1)),
                port: Int(port),
                log: log,
                connections: ConnectionTable(service: "unused", limit: 1)
            )
            try await rig.client { client in
                for (generation, password) in [(1, "old"), (2, "new")] {
                    service.apply(
                        specification(.through(server.port, password: password)),
                        generation: UInt64(generation)
                    )
                    try await client.send("GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n")
                    let head = try await client.readHead()
                    #expect(head.hasPrefix("HTTP/1.1 20\(generation - 1) X\r\n"))
                    #expect(service.openConnections == 1)
                    await log.wait(for: "generation=\(generation)")
                }
                // The idle connection does not hold up the stop.
                listeners.retireAll()
                supervisor.shutDown(limit: .seconds(30))
                let rest = try await client.readToEnd()
                #expect(rest == "")
            }
            guard case .shutDown(let forced) = await end else {
                Issue.record("escalated")
                return
            }
            #expect(forced.isEmpty)
            #expect(service.openConnections == 0)
        }
    }

    @Test(arguments: [true, false])
    func `every start warns of an upstream that nobody verifies`(verifies: Bool) async throws {
        let settings = TLSRig.bridge(1) { tls in
            tls.verifies = verifies
            if !verifies { tls.authorities = nil }
        }
        let specification = specification(settings)
        let log = RecordedLog()
        let listeners = ListenerTable()
        guard case .staged(let staged) = listeners.stage(specification.listenRequests) else {
            Issue.record("not bound")
            return
        }
        staged.commit()
        let catalogue = Catalogue(
            group: MultiThreadedEventLoopGroup.singleton,
            listeners: listeners,
            warden: Warden(group: MultiThreadedEventLoopGroup.singleton),
            log: log.logger
        )
        let service = catalogue.service(for: specification, generation: 1)
        for start in 1...2 {
            let prepared = try await service.prepare()
            await prepared.discard()
            let warnings = log.lines.count { $0.contains("cannot tell whether the upstream is the right one") }
            #expect(warnings == (verifies ? 0 : start))
        }
        listeners.retireAll()
    }
}
