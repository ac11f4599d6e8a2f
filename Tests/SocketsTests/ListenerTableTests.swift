import Addresses
import Glibc
import Sockets
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ListenerTableTests {
    private let calls = FaultyCalls()

    private func request(_ address: ListenAddress, _ owner: String = "a", _ index: Int = 0) -> ListenRequest {
        ListenRequest(address, owner: owner, index: index)
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

    private func reusesPort(_ descriptor: Int32) -> Bool {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &value, &length) == 0 && value != 0
    }

    @Test func `an address that stays wanted keeps its socket`() throws {
        let table = ListenerTable(calls: calls)
        let wanted = request(.tcp(TestKernel.loopback, port: 0))
        try commit(table, [wanted])
        let before = table.inodes()
        try commit(table, [wanted, request(.tcp(TestKernel.loopback, port: 0), "b")])
        let address = try #require(table.address(of: wanted))
        #expect(table.inodes()[address] == before[address])
        #expect(table.inodes().count == 2)
    }

    @Test func `an address passes to another service without closing`() throws {
        let table = ListenerTable(calls: calls)
        let first = ListenAddress.tcp(TestKernel.loopback, port: try FreePort.next())
        let second = ListenAddress.tcp(TestKernel.loopback, port: try FreePort.next())
        try commit(table, [request(first, "a"), request(second, "b")])
        let before = table.inodes()
        try commit(table, [request(second, "a"), request(first, "b")])
        #expect(table.inodes() == before)
        #expect(before.count == 2)
    }

    @Test func `every failure is reported and none of the rest stays bound`() throws {
        let table = ListenerTable(calls: calls)
        let blocker = ListenerTable()
        let taken = [try FreePort.next(), try FreePort.next()].map {
            ListenAddress.tcp(TestKernel.loopback, port: $0)
        }
        try commit(blocker, taken.map { request($0) })
        let open = calls.open.count
        let wanted = [request(taken[0]), request(.tcp(TestKernel.loopback, port: 0), "b"), request(taken[1], "c")]
        let failures = failures(table, wanted)
        #expect(failures.map(\.request) == [wanted[0], wanted[2]])
        #expect(failures.map(\.errno) == [EADDRINUSE, EADDRINUSE])
        #expect(failures.map(\.holderInode) == taken.map { blocker.inodes()[$0] })
        #expect(table.inodes().isEmpty)
        #expect(calls.open.count == open + 1, "only the reserve descriptor of the first staging")
    }

    @Test func `staging that fails at any call changes nothing`() throws {
        let folder = try TestFolder.make()
        defer { rmdir(folder) }
        let table = ListenerTable(calls: calls)
        let port = try FreePort.next()
        let kept = request(.tcp(TestKernel.loopback, port: 0))
        let wide = request(.tcp(TestKernel.any, port: port), "wide")
        let file = request(.unix(path: folder + "/kept"), "file")
        try commit(table, [kept, wide, file])
        let before = (table.inodes(), calls.open)
        let wanted = [
            kept, file, request(.unix(path: folder + "/new"), "u"),
            request(.tcp(.v6([0, 0, 0, 0, 0, 0, 0, 1]), port: 0)),
            request(.tcp(TestKernel.loopback, port: port), "narrow"),
        ]
        var failed = 0
        while true {
            calls.fail(at: failed + 1)
            let failures = failures(table, wanted)
            guard calls.hasFailed else {
                #expect(failures.isEmpty)
                break
            }
            // A call of the roll-back itself may fail too: then nothing was in the way.
            failed += 1
            calls.fail(at: nil)
            #expect(table.inodes() == before.0)
            #expect(calls.open == before.1)
            #expect(!before.1.contains { reusesPort($0) } || failures.isEmpty, "call \(failed)")
            #expect(!TestKernel.exists(folder + "/new") || failures.isEmpty, "call \(failed)")
            unlink(folder + "/new")
        }
        #expect(failed > 30)
        calls.fail(at: nil)
        table.retireAll()
    }

    @Test func `overlapping addresses that are both wanted are a conflict`() throws {
        let table = ListenerTable(calls: calls)
        let port = try FreePort.next()
        let wide = request(.tcp(TestKernel.any, port: port))
        try commit(table, [wide])
        let narrow = request(.tcp(TestKernel.loopback, port: port), "b")
        let inode = table.inodes()[.tcp(TestKernel.any, port: port)]
        #expect(
            failures(table, [wide, narrow]) == [BindFailure(request: narrow, errno: EADDRINUSE, holderInode: inode)]
        )
    }

    @Test(arguments: [true, false])
    func `an overlapping address replaces the old one`(widens: Bool) throws {
        let table = ListenerTable(calls: calls)
        let port = try FreePort.next()
        let narrow = request(.tcp(TestKernel.loopback, port: port))
        let wide = request(.tcp(TestKernel.any, port: port))
        try commit(table, [widens ? narrow : wide])
        try commit(table, [widens ? wide : narrow])
        #expect(Array(table.inodes().keys) == [widens ? wide.address : narrow.address])
        #expect(!calls.open.contains { reusesPort($0) }, "a flag that stays would hide a conflict with another process")
        table.retireAll()
        #expect(table.inodes().isEmpty)
    }

    @Test func `IPv6 and IPv4 wildcards of one port do not conflict`() throws {
        let table = ListenerTable(calls: calls)
        let port = try FreePort.next()
        try commit(
            table,
            [
                request(.tcp(.v6([0, 0, 0, 0, 0, 0, 0, 0]), port: port)),
                request(.tcp(TestKernel.any, port: port), "b"),
            ]
        )
        #expect(table.inodes().count == 2)
    }

    @Test func `a unix socket has mode 660 and its file goes with it`() throws {
        let folder = try TestFolder.make()
        defer { rmdir(folder) }
        let path = folder + "/s"
        let table = ListenerTable(calls: calls)
        try commit(table, [request(.unix(path: path))])
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o660)
        try commit(table, [])
        #expect(!TestKernel.exists(path))
    }

    @Test func `who may connect to a kept unix socket changes with its inode kept, and back at a roll-back`() throws {
        let folder = try TestFolder.make()
        defer { rmdir(folder) }
        let path = folder + "/s"
        func access() -> String {
            var status = stat()
            lstat(path, &status)
            return String(status.st_mode & 0o777, radix: 8) + " \(status.st_gid)"
        }
        let table = ListenerTable()
        func wanted(_ access: UnixAccess) -> [ListenRequest] {
            [ListenRequest(.unix(path: path), owner: "s", index: 0, access: access)]
        }
        try commit(table, wanted(.owner))
        let inodes = table.inodes()
        #expect(access() == "600 \(getegid())")
        let group = UnixAccess(mode: 0o660, group: 54_321)
        guard case .staged(let staged) = table.stage(wanted(group)) else {
            Issue.record("not staged")
            return
        }
        #expect(access() == "660 54321")
        staged.rollBack()
        #expect(access().hasPrefix("600 "))
        try commit(table, wanted(group))
        #expect(access() == "660 54321" && table.inodes() == inodes)
        try commit(table, [])
    }

    @Test func `a unix socket that nobody listens on is replaced`() throws {
        let folder = try TestFolder.make()
        defer { rmdir(folder) }
        let path = folder + "/s"
        let stale = try TestKernel.calls.socket(for: .unix(path: path))
        try TestKernel.calls.bind(stale, to: .unix(path: path))
        TestKernel.calls.close(stale)
        let table = ListenerTable(calls: calls)
        try commit(table, [request(.unix(path: path))])
        try TestKernel.calls.probe(path)
        table.retireAll()
    }

    @Test func `a unix socket that is in use and a file that is none stay untouched`() throws {
        let folder = try TestFolder.make()
        defer { rmdir(folder) }
        let blocker = ListenerTable()
        let used = request(.unix(path: folder + "/used"))
        try commit(blocker, [used])
        let file = folder + "/file"
        close(open(file, O_CREAT | O_WRONLY, 0o600))
        defer { unlink(file) }
        let table = ListenerTable(calls: calls)
        let failures = failures(table, [used, request(.unix(path: file))])
        #expect(failures.map(\.errno) == [EADDRINUSE, EADDRINUSE])
        #expect(failures.map(\.holderInode) == [blocker.inodes()[used.address], nil])
        #expect(TestKernel.exists(file))
        try TestKernel.calls.probe(folder + "/used")
        blocker.retireAll()
    }

    @Test func `a file that took the place of a unix socket is not removed`() throws {
        let folder = try TestFolder.make()
        defer { rmdir(folder) }
        let path = folder + "/s"
        let table = ListenerTable(calls: calls)
        try commit(table, [request(.unix(path: path))])
        unlink(path)
        close(open(path, O_CREAT | O_WRONLY, 0o600))
        try commit(table, [])
        #expect(TestKernel.exists(path))
        unlink(path)
    }

    @Test func `a unix socket whose file is gone is bound anew, also by a restart of its service`() throws {
        let folder = try TestFolder.make()
        defer { rmdir(folder) }
        let path = folder + "/s"
        let (wanted, table) = (request(.unix(path: path)), ListenerTable(calls: calls))
        try commit(table, [wanted])
        #expect(table.lost(of: [wanted], dropping: true).isEmpty)
        unlink(path)
        #expect(table.lost(of: [wanted], dropping: false) == [wanted])
        #expect(!TestKernel.exists(path))
        #expect(table.lost(of: [wanted], dropping: true) == [wanted])
        #expect(table.lost(of: [wanted], dropping: true) == [wanted], "until it is bound")
        _ = try table.sockets(for: [wanted]).close()
        #expect(TestKernel.exists(path) && table.lost(of: [wanted], dropping: true).isEmpty)
        unlink(path)
        #expect(table.lost(of: [wanted], dropping: true) == [wanted])
        try commit(table, [wanted])
        #expect(TestKernel.exists(path) && table.lost(of: [wanted], dropping: true).isEmpty)
        try commit(table, [])
        #expect(!TestKernel.exists(path))
    }

    @Test func `sockets of an address that nobody staged are refused`() throws {
        let table = ListenerTable(calls: calls)
        let unknown = request(.tcp(TestKernel.loopback, port: 1))
        do throws(BindFailure) {
            _ = try table.sockets(for: [unknown]).close()
            Issue.record("got sockets of an address that is not bound")
        } catch {
            #expect(error == BindFailure(request: unknown, errno: EBADF, holderInode: nil))
        }
    }

    @Test func `duplicates outlive nothing but their table entry`() throws {
        let table = ListenerTable(calls: calls)
        let wanted = request(.tcp(TestKernel.loopback, port: 0))
        try commit(table, [wanted])
        let sockets = try table.sockets(for: [wanted])
        let inodes = Set(table.inodes().values)
        try commit(table, [])
        #expect(table.inodes().isEmpty)
        #expect(TestKernel.openSockets().isSuperset(of: inodes), "a service still uses it")
        _ = sockets.close()
        #expect(TestKernel.openSockets().isDisjoint(with: inodes))
    }

    @Test func `an address that is wanted again while its service still closes is claimed`() throws {
        let table = ListenerTable(calls: calls)
        let wanted = request(.tcp(TestKernel.loopback, port: 0))
        try commit(table, [wanted])
        let before = table.inodes()
        let sockets = try table.sockets(for: [wanted])
        try commit(table, [])
        try commit(table, [wanted])
        _ = sockets.close()
        #expect(table.inodes() == before)
        #expect(TestKernel.openSockets().isSuperset(of: before.values))
    }
}
