import Addresses
import Glibc
import Sockets
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct DatagramTableTests {
    private let calls = FaultyCalls()

    private func request(_ host: IPAddress = TestKernel.loopback, _ port: UInt16 = 0, _ index: Int = 0) -> ListenRequest
    {
        ListenRequest(.udp(host, port: port), owner: "a", index: index)
    }

    private func commit(_ table: ListenerTable, _ wanted: [ListenRequest]) throws {
        switch table.stage(wanted) {
        case .staged(let staged): staged.commit()
        case .failed(let failures): throw try #require(failures.first)
        }
    }

    private func failures(_ table: ListenerTable, _ wanted: [ListenRequest]) -> [BindFailure] {
        switch table.stage(wanted) {
        case .staged(let staged):
            staged.rollBack()
            return []
        case .failed(let failures): return failures
        }
    }

    /// Sends one datagram to an address of this machine.
    private func send(to address: ListenAddress) async throws {
        try await TestDatagrams.with { try await $0.send("x", to: address.socketAddress()) }
    }

    /// How many datagrams wait in a socket; they are read away.
    private func waiting(_ descriptor: Int32) -> Int {
        var count = 0
        var byte: UInt8 = 0
        while recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT)) >= 0 { count += 1 }
        return count
    }

    @Test func `TCP and UDP have ports of their own`() throws {
        let table = ListenerTable(calls: calls)
        let port = try FreePort.next()
        let stream = ListenRequest(.tcp(TestKernel.any, port: port), owner: "a", index: 0)
        try commit(table, [stream, request(TestKernel.loopback, port, 1)])
        #expect(table.inodes().count == 2)
        let before = table.inodes()
        try commit(table, [stream, request(TestKernel.any, port, 1)])
        #expect(table.inodes()[stream.address] == before[stream.address])
        try commit(table, [request(TestKernel.any, port)])
        #expect(Array(table.inodes().keys) == [.udp(TestKernel.any, port: port)])
    }

    @Test func `the kernel chooses a port for each`() throws {
        let table = ListenerTable(calls: calls)
        let wanted = [request(), request(TestKernel.loopback, 0, 1)]
        try commit(table, wanted)
        let addresses = wanted.map { table.address(of: $0) }
        #expect(addresses[0] != addresses[1])
        for case .udp(let host, let port)? in addresses {
            #expect(host == TestKernel.loopback)
            #expect(port > 0)
        }
        try commit(table, wanted)
        #expect(wanted.map { table.address(of: $0) } == addresses)
    }

    @Test(arguments: [TestKernel.loopback, TestKernel.any, .v6([0, 0, 0, 0, 0, 0, 0, 1])])
    func `a conflict names errno and holder`(_ host: IPAddress) throws {
        let blocker = ListenerTable()
        let port = try FreePort.next()
        try commit(blocker, [request(host, port)])
        let inode = try #require(blocker.inodes().values.first)
        let table = ListenerTable(calls: calls)
        let wanted = request(host == TestKernel.any ? TestKernel.loopback : host, port)
        let expected = BindFailure(request: wanted, errno: EADDRINUSE, holderInode: inode)
        #expect(failures(table, [wanted]) == [expected])
        blocker.retireAll()
    }

    @Test func `staging that fails at any call changes nothing`() throws {
        let table = ListenerTable(calls: calls)
        let port = try FreePort.next()
        try commit(table, [request(TestKernel.any, port), request(TestKernel.loopback, 0, 1)])
        let before = (table.inodes(), calls.open)
        let wanted = [
            request(TestKernel.loopback, port), request(TestKernel.loopback, 0, 1),
            request(.v6([0, 0, 0, 0, 0, 0, 0, 1]), 0, 2),
        ]
        var failed = 0
        while true {
            calls.fail(at: failed + 1)
            let failures = failures(table, wanted)
            guard calls.hasFailed else {
                #expect(failures.isEmpty)
                break
            }
            failed += 1
            calls.fail(at: nil)
            #expect(table.inodes() == before.0)
            #expect(calls.open == before.1)
        }
        #expect(failed > 10)
        calls.fail(at: nil)
        table.retireAll()
    }

    @Test func `a narrower address takes nothing before its commit, and the roll-back leaves nothing behind`()
        async throws
    {
        let table = ListenerTable(calls: calls)
        let port = try FreePort.next()
        let wide = request(TestKernel.any, port)
        let narrow = request(TestKernel.loopback, port)
        try commit(table, [wide])
        let sockets = try table.passedSockets(for: [wide])
        let descriptor = try #require(sockets.descriptors.first)
        switch table.stage([narrow]) {
        case .staged(let staged):
            let isDelivered = await delivered(to: narrow.address)
            staged.rollBack()
            #expect(isDelivered)
            #expect(waiting(descriptor) == 1)
        case .failed(let failures): throw try #require(failures.first)
        }
        try await send(to: narrow.address)
        #expect(waiting(descriptor) == 1)
        _ = sockets.close()
        table.retireAll()
    }

    private func delivered(to address: ListenAddress) async -> Bool {
        do {
            try await send(to: address)
            return true
        } catch {
            return false
        }
    }

    @Test func `a narrower address gets everything from its commit on`() async throws {
        let table = ListenerTable(calls: calls)
        let port = try FreePort.next()
        let wide = request(TestKernel.any, port)
        let narrow = request(TestKernel.loopback, port)
        try commit(table, [wide])
        let old = try table.passedSockets(for: [wide])
        try commit(table, [narrow])
        let new = try table.passedSockets(for: [narrow])
        try await send(to: narrow.address)
        #expect(waiting(try #require(old.descriptors.first)) == 0)
        #expect(waiting(try #require(new.descriptors.first)) == 1)
        _ = old.close()
        _ = new.close()
        table.retireAll()
    }
}
