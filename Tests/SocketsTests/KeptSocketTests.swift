import Addresses
import Glibc
import Sockets
import TestSupport
import Testing

/// Listening sockets that pass from one process to the next.
@Suite(.timeLimit(.minutes(1)))
struct KeptSocketTests {
    private let calls = FaultyCalls()

    private func request(_ address: ListenAddress, _ owner: String = "a") -> ListenRequest {
        ListenRequest(address, owner: owner, index: 0)
    }

    private func commit(_ table: ListenerTable, _ wanted: [ListenRequest]) throws {
        switch table.stage(wanted) {
        case .staged(let staged): staged.commit()
        case .failed(let failures): throw try #require(failures.first)
        }
    }

    /// What a process leaves that has listened on a unix socket and has ended.
    private func left(at path: String) throws -> [KeptSocket] {
        let table = ListenerTable()
        try commit(table, [request(.unix(path: path))])
        let kept = table.kept(beside: []).new
        table.leave()
        table.retireAll()
        return kept
    }

    private func inherited(_ kept: [KeptSocket]) -> [InheritedSocket] {
        kept.map { InheritedSocket(descriptor: $0.descriptor, name: $0.name) }
    }

    @Test func `the next process goes on with the socket of each address that it wants`() throws {
        let addresses: [ListenAddress] = [
            .tcp(TestKernel.loopback, port: try FreePort.next()), .udp(TestKernel.loopback, port: try FreePort.next()),
            .tcp(try #require(IPAddress("::1")), port: try FreePort.next()),
        ]
        let requests = addresses.map { request($0, "\($0)") }
        let first = ListenerTable()
        try commit(first, requests)
        let inodes = first.inodes()
        let kept = first.kept(beside: [])
        #expect(kept.new.count == 3 && kept.names == Set(kept.new.map(\.name)))
        let second = ListenerTable(calls: calls)
        second.inherit(inherited(kept.new))
        try commit(second, requests)
        #expect(second.inodes() == inodes)
        #expect(second.kept(beside: kept.names).new.isEmpty, "they have the same names as before")
        #expect(second.kept(beside: kept.names).names == kept.names)
    }

    @Test func `what the next process does not want is closed, and is not kept any more`() throws {
        let addresses = try (0..<2).map { _ in ListenAddress.tcp(TestKernel.loopback, port: try FreePort.next()) }
        let first = ListenerTable()
        try commit(first, addresses.map { request($0, "\($0)") })
        let kept = first.kept(beside: [])
        let second = ListenerTable(calls: calls)
        second.inherit(inherited(kept.new))
        #expect(calls.open.count == 2)
        try commit(second, [request(addresses[0])])
        #expect(second.inodes().keys.sorted { "\($0)" < "\($1)" } == [addresses[0]])
        #expect(calls.open.count == 2, "the socket and the reserve descriptor")
        #expect(second.kept(beside: kept.names).names.count == 1)
    }

    @Test func `a port that the kernel chose is not kept`() throws {
        let table = ListenerTable()
        try commit(table, [request(.tcp(TestKernel.loopback, port: 0))])
        #expect(table.kept(beside: []).names.isEmpty)
    }

    @Test func `a change of the sockets of the configuration is counted`() throws {
        let table = ListenerTable()
        let before = table.changes
        try commit(table, [request(.tcp(TestKernel.loopback, port: 0))])
        #expect(table.changes != before)
    }

    @Test func `an inherited socket accepts at once and shares its port with nobody`() throws {
        let address = ListenAddress.tcp(TestKernel.loopback, port: try FreePort.next())
        let first = ListenerTable()
        try commit(first, [request(address)])
        let kept = first.kept(beside: []).new
        // As a process leaves it that was killed in the midst of a change.
        let socket = try #require(kept.first)
        try LinuxSocketCalls().set(.reusePort, of: socket.descriptor, to: 1)
        try LinuxSocketCalls().ignoreNewcomers(true, of: socket.descriptor, at: address)
        let second = ListenerTable(calls: calls)
        second.inherit(inherited(kept))
        try commit(second, [request(address)])
        let client = try RawClient()
        defer { client.close() }
        guard case .tcp(_, let port) = address else { return }
        try client.connect(to: port)
        var value: Int32 = 1
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(socket.descriptor, SOL_SOCKET, SO_REUSEPORT, &value, &length)
        #expect(value == 0)
    }

    @Test func `what is no listening socket of a known kind is left alone`() throws {
        let kernel = LinuxSocketCalls()
        let address = ListenAddress.tcp(TestKernel.loopback, port: try FreePort.next())
        let unbound = try kernel.socket(for: address)
        let file = try kernel.placeholder()
        // On both IPv6 and IPv4.
        let anyone = ListenAddress.tcp(try #require(IPAddress("::")), port: try FreePort.next())
        let both = try kernel.socket(for: anyone)
        try kernel.set(.onlyIPv6, of: both, to: 0)
        try kernel.bind(both, to: anyone)
        try kernel.listen(both, backlog: 1)
        let descriptors = [unbound, file, both, 1_000_000, -1]
        defer { for descriptor in descriptors.prefix(3) { kernel.close(descriptor) } }
        let table = ListenerTable(calls: calls)
        table.inherit(descriptors.map { InheritedSocket(descriptor: $0, name: "unknown") })
        #expect(calls.open.isEmpty)
    }

    @Test func `a socket that comes twice is taken once`() throws {
        let address = ListenAddress.tcp(TestKernel.loopback, port: try FreePort.next())
        let first = ListenerTable()
        try commit(first, [request(address)])
        let kept = first.kept(beside: []).new + first.kept(beside: []).new
        let second = ListenerTable(calls: calls)
        second.inherit(inherited(kept))
        #expect(calls.open.count == 1)
    }

    @Test(arguments: 1...16) func `an inheritance that fails at any call leaves nothing open`(count: Int) throws {
        let address = ListenAddress.tcp(TestKernel.loopback, port: try FreePort.next())
        let first = ListenerTable()
        try commit(first, [request(address)])
        let kept = first.kept(beside: []).new
        calls.fail(at: count)
        let second = ListenerTable(calls: calls)
        second.inherit(inherited(kept))
        #expect(calls.open.count <= 1)
        calls.fail(at: nil)
    }

    @Test func `the file of a unix socket stays for the next process, which knows it again`() throws {
        let folder = try TestFolder.make()
        defer { rmdir(folder) }
        let path = folder + "/s"
        let kept = try left(at: path)
        #expect(try LinuxSocketCalls().file(at: path)?.isSocket == true)
        let second = ListenerTable(calls: calls)
        second.inherit(inherited(kept))
        try commit(second, [request(.unix(path: path))])
        try LinuxSocketCalls().probe(path)
        second.retireAll()
        #expect(try LinuxSocketCalls().file(at: path) == nil)
    }

    @Test func `a process that commits to nothing removes no file`() throws {
        let folder = try TestFolder.make()
        defer { rmdir(folder) }
        let path = folder + "/s"
        let first = ListenerTable()
        try commit(first, [request(.unix(path: path))])
        do {
            let second = ListenerTable(calls: calls)
            second.inherit(inherited(first.kept(beside: []).new))
            let blocker = ListenerTable()
            let taken = ListenAddress.tcp(TestKernel.loopback, port: try FreePort.next())
            try commit(blocker, [request(taken)])
            switch second.stage([request(.unix(path: path)), request(taken, "b")]) {
            case .staged(let staged):
                staged.rollBack()
                Issue.record("the address is taken")
            case .failed: break
            }
            second.retireAll()
        }
        #expect(first.lost(of: [request(.unix(path: path))], dropping: false).isEmpty)
        try LinuxSocketCalls().probe(path)
        first.retireAll()
        #expect(try LinuxSocketCalls().file(at: path) == nil)
    }

    @Test func `a unix socket whose file is another's by now is not taken`() throws {
        let folder = try TestFolder.make()
        defer { rmdir(folder) }
        let path = folder + "/s"
        let kept = try left(at: path)
        // A hard link keeps the number of the first file from being given to the next one.
        link(path, path + "2")
        unlink(path)
        let stranger = ListenerTable()
        try commit(stranger, [request(.unix(path: path))])
        let second = ListenerTable(calls: calls)
        second.inherit(inherited(kept))
        #expect(calls.open.isEmpty)
        unlink(path + "2")
    }
}
