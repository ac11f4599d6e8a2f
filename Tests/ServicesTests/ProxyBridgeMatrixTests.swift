import NIOCore
import ServiceConfiguration
import Sockets
import Testing

@testable import Services

/// Every kind of next hop, every form of a request, everything that can happen: one table.
///
/// One after the other: each row has short limits, which rows beside it would make late.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct ProxyBridgeMatrixTests {
    @Test(arguments: MatrixScope.cells)
    func `each cell of the failure table is answered, recorded once and leaves nothing`(
        _ cell: MatrixCell
    ) async throws {
        let upstream = MatrixUpstream(cell.kind, cell.form, cell.behaviour)
        // Where a request would go that went around its upstream.
        let aside = try MatrixPort(listens: true)
        try await withHops(cell, upstream) { hop, server in
            let target = { (hop: Int) in cell.kind == .direct ? hop : aside.number }
            let isWrong = cell.behaviour == .wrongCredential
            let settings = MatrixSettings.through(
                cell.kind,
                port: hop,
                password: isWrong ? MatrixSettings.wrongPassword : MatrixSettings.passwords[0],
                isShort: cell.behaviour == .stall
            )
            var log: RecordedLog?
            try await ProxyBridgeRig.run(settings) { rig in
                log = rig.log
                let ports: Set = [rig.port, hop, server]
                let baseline = MatrixSockets.count(at: ports)
                let answer = try await MatrixClient.ask(cell.form, to: target(hop), through: rig)
                MatrixCheck(cell).check(answer)
                _ = await rig.connections.empty()
                let left = try await MatrixSockets.wait(for: baseline, at: ports)
                #expect(left == baseline, "descriptors are left")

                // What a reload would bring: another password clears the latch, and another port is where a proxy is.
                upstream.behave(.good)
                let next = MatrixSettings.through(cell.kind, port: server, password: MatrixSettings.passwords[1])
                rig.routes.publish(RouteSnapshot(next, generation: 2))
                let good = try #require(MatrixTable.outcome(cell.kind, cell.form, .good))
                let second = try await MatrixClient.ask(cell.form, to: target(server), through: rig)
                MatrixCheck(MatrixCell(kind: cell.kind, form: cell.form, behaviour: .good, outcome: good)).check(second)
                #expect(aside.takeConnections() == 0, "a request went around its upstream")
            }
            let records = try #require(log).lines.filter { $0.hasPrefix("info request ") }
            #expect(records.count == 2, "\(records)")
            MatrixCheck(cell).check(record: try #require(records.first))
            for line in try #require(log).lines { MatrixCheck.expectNoCanary(in: line) }
        }
        let leaked = upstream.heads.filter { $0.contains("YzRuYXJ5OmNsaWVudA==") }
        #expect(leaked.isEmpty, "the client's own credential went on")
        if !cell.kind.answersInHTTP { for head in upstream.heads { MatrixCheck.expectNoCanary(in: head) } }
    }

    /// The port at which the next hop behaves as the cell says, and the one at which it can also be good.
    private func withHops(
        _ cell: MatrixCell,
        _ upstream: MatrixUpstream,
        _ body: (Int, Int) async throws -> Void
    ) async throws {
        let tls = cell.kind == .https ? try MatrixCertificate.serverContext() : nil
        try await ScriptedServer.run(over: tls) { peer, _ in
            try await upstream.serve(peer)
        } _: { server in
            if cell.behaviour == .refused {
                let closed = try MatrixPort(listens: false)
                try await body(closed.number, server.port)
                withExtendedLifetime(closed) {}
            } else if tls != nil, cell.behaviour.isBelowHTTP {
                try await ScriptedServer.run { peer, _ in
                    try await upstream.serveWithoutTLS(peer)
                } _: { plain in
                    try await body(plain.port, server.port)
                }
            } else {
                try await body(server.port, server.port)
            }
        }
    }

    @Test func `the table has a cell for everything that a kind can meet`() {
        for kind in [MatrixKind.http, .https, .socks5, .socks5h, .direct] {
            for behaviour in MatrixBehaviour.allCases {
                for form in [MatrixForm.connect, .get, .post, .upgrade] {
                    let isNone = kind == .direct && behaviour == .wrongCredential
                    #expect((MatrixTable.outcome(kind, form, behaviour) == nil) == isNone, "\(kind) \(behaviour)")
                }
            }
        }
    }
}
