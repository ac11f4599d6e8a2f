import Addresses
import Glibc
import Sockets
import TestSupport
import Testing

/// Addresses of services without which the rest can run: what cannot be bound now is tried again later.
@Suite(.timeLimit(.minutes(1)))
struct AbsentAddressTests {
    private let calls = FaultyCalls()

    private func request(_ port: UInt16, _ owner: String, optional: Bool = true, host: IPAddress = TestKernel.loopback)
        -> ListenRequest
    {
        ListenRequest(.tcp(host, port: port), owner: owner, index: 0, isOptional: optional)
    }

    /// Commits and returns what is absent.
    private func commit(_ table: ListenerTable, _ wanted: [ListenRequest]) throws -> [BindFailure] {
        switch table.stage(wanted) {
        case .staged(let staged):
            let absent = staged.absent
            staged.commit()
            return absent
        case .failed(let failures): throw try #require(failures.first)
        }
    }

    private func failure(_ table: ListenerTable, _ request: ListenRequest) -> BindFailure? {
        do throws(BindFailure) {
            _ = try table.sockets(for: [request]).close()
            return nil
        } catch {
            return error
        }
    }

    @Test func `an optional address that is taken is absent and blocks nobody`() throws {
        let (taken, free) = (try FreePort.next(), try FreePort.next())
        let blocker = ListenerTable()
        _ = try commit(blocker, [request(taken, "x")])
        let table = ListenerTable(calls: calls)
        let (absent, present) = (request(taken, "a"), request(free, "b", optional: false))
        let expected = BindFailure(request: absent, errno: EADDRINUSE, holderInode: blocker.inodes().values.first)
        #expect(try commit(table, [absent, present]) == [expected])
        #expect(failure(table, present) == nil)
        #expect(failure(table, absent) == expected)
        #expect(table.inodes().count == 1)
        blocker.retireAll()
        #expect(failure(table, absent) == nil)
        #expect(table.inodes().keys.contains(absent.address), "it is the table's from now on")
        let inodes = table.inodes()
        #expect(try commit(table, [absent, present]) == [])
        #expect(table.inodes() == inodes)
        #expect(try commit(table, [present]) == [])
        #expect(table.inodes().count == 1)
    }

    @Test func `an absent address is tried again by the next change, whoever wants it`() throws {
        let port = try FreePort.next()
        let blocker = ListenerTable()
        _ = try commit(blocker, [request(port, "x")])
        let table = ListenerTable(calls: calls)
        #expect(try commit(table, [request(port, "a")]).count == 1)
        #expect(throws: BindFailure.self) { try commit(table, [request(port, "b", optional: false)]) }
        #expect(failure(table, request(port, "a"))?.errno == EADDRINUSE)
        blocker.retireAll()
        #expect(try commit(table, [request(port, "b", optional: false)]) == [])
        #expect(table.inodes().count == 1)
    }

    @Test func `an optional address does not take the place of one that is not`() throws {
        let port = try FreePort.next()
        let table = ListenerTable(calls: calls)
        let (narrow, wide) = (request(port, "a"), request(port, "b", optional: false, host: TestKernel.any))
        #expect(try commit(table, [narrow, wide]).map(\.request) == [narrow])
        #expect(Array(table.inodes().keys) == [wide.address])
    }

    @Test func `what a running service has bound meanwhile outlives the roll-back of a change`() throws {
        let port = try FreePort.next()
        let blocker = ListenerTable()
        _ = try commit(blocker, [request(port, "x")])
        let table = ListenerTable(calls: calls)
        let wanted = request(port, "a")
        #expect(try commit(table, [wanted]).count == 1)
        blocker.retireAll()
        switch table.stage([wanted]) {
        case .staged(let staged):
            let sockets = try table.passedSockets(for: [wanted])
            staged.rollBack()
            #expect(table.inodes().count == 1)
            #expect(failure(table, wanted) == nil)
            _ = sockets.close()
        case .failed(let failures): throw try #require(failures.first)
        }
        #expect(try commit(table, []) == [])
        #expect(table.inodes().isEmpty)
    }

    @Test func `an optional address that was only staged is forgotten with the roll-back`() throws {
        let port = try FreePort.next()
        let table = ListenerTable(calls: calls)
        let wanted = request(port, "a")
        switch table.stage([wanted]) {
        case .staged(let staged): staged.rollBack()
        case .failed(let failures): throw try #require(failures.first)
        }
        #expect(failure(table, wanted)?.errno == EBADF)
        #expect(table.inodes().isEmpty)
    }

    @Test func `binding late fails at any call and changes nothing`() throws {
        let port = try FreePort.next()
        let blocker = ListenerTable()
        _ = try commit(blocker, [request(port, "x")])
        let table = ListenerTable(calls: calls)
        let wanted = request(port, "a")
        #expect(try commit(table, [wanted]).count == 1)
        blocker.retireAll()
        let before = calls.open
        var failed = 0
        while true {
            calls.fail(at: failed + 1)
            let failure = failure(table, wanted)
            guard calls.hasFailed else { break }
            failed += 1
            calls.fail(at: nil)
            #expect(failure?.errno == ENOBUFS, "call \(failed)")
            // The duplication is the last call: the address is bound then.
            guard table.inodes().isEmpty else { break }
            #expect(calls.open == before)
        }
        #expect(failed > 8)
        calls.fail(at: nil)
        #expect(failure(table, wanted) == nil)
        table.retireAll()
    }

    @Test func `passed sockets keep their address open until they are closed`() async throws {
        let table = ListenerTable(calls: calls)
        let stream = request(try FreePort.next(), "a", optional: false)
        let datagrams = ListenRequest(.udp(TestKernel.loopback, port: 0), owner: "a", index: 1)
        #expect(try commit(table, [stream, datagrams]) == [])
        let inodes = table.inodes()
        let sockets = try table.passedSockets(for: [stream, datagrams])
        let found = try sockets.descriptors.map { try TestKernel.calls.inode(of: $0) }
        #expect(found == [stream, datagrams].compactMap { table.address(of: $0) }.compactMap { inodes[$0] })
        #expect(sockets.descriptors.allSatisfy { fcntl($0, F_GETFD) & FD_CLOEXEC != 0 })
        let client = try await TestClient.connect(to: stream.address)
        #expect(try commit(table, []) == [])
        #expect(TestKernel.openSockets().isSuperset(of: inodes.values), "the program still uses them")
        #expect(try commit(table, [stream]) == [])
        #expect(table.inodes()[stream.address] == inodes[stream.address], "claimed, not bound again")
        _ = sockets.close()
        #expect(Array(table.inodes().keys) == [stream.address])
        table.retireAll()
        #expect(TestKernel.openSockets().isDisjoint(with: inodes.values))
        try await client.close()
    }
}
