import Glibc
import Processes
import Testing

/// A program on its way to exec waits for a file system, as for a network that is gone.
@Suite(.timeLimit(.minutes(1)))
struct HungStartTests {
    /// Opening a file with a write lease waits until its holder gives it back (fcntl(2)), or for 45 seconds.
    private static let holder = """
        import fcntl, os, shutil, signal, tempfile
        signal.signal(signal.SIGIO, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: None)
        with tempfile.TemporaryDirectory() as folder:
            path = shutil.copy("/bin/sleep", folder)
            program = os.open(path, os.O_RDONLY)
            fcntl.fcntl(program, fcntl.F_SETLEASE, fcntl.F_WRLCK)
            print(path)
            signal.pause()
        """

    @Test func `a start that hangs can be called off and holds up no other`() async throws {
        let witness = Witness()
        try await WardenRun.with { warden in
            let holder = try await warden.spawn(.python(Self.holder, to: witness)) { _ in }
            let path = await witness.line(1)
            let main = getpid()
            let failure: SpawnError? = try await withThrowingTaskGroup(of: SpawnError?.self) { group in
                group.addTask {
                    let request = SpawnRequest(program: path, arguments: ["sleep", "1000"], environment: [])
                    do throws(SpawnError) {
                        _ = try await warden.run(request)
                        return nil
                    } catch {
                        return error
                    }
                }
                #expect(WardenRun.comes { !Self.hanging(below: main).isEmpty })
                let other = SpawnRequest(program: "/bin/sh", arguments: ["sh", "-c", "exit 6"], environment: [])
                let status = try await warden.run(other)
                #expect(status == .code(6))
                group.cancelAll()
                return try await group.next() ?? nil
            }
            #expect(failure?.step == "keep")
            #expect(Self.hanging(below: main).isEmpty)
            holder.signal(SIGTERM)
            _ = await holder.wait()
        }
    }

    @Test func `a start that hangs ends with its main process`() async throws {
        let witness = Witness()
        try await WardenRun.with { warden in
            let holder = try await warden.spawn(.python(Self.holder, to: witness)) { _ in }
            let main = try MainProcess.start([await witness.line(1), "1000"])
            #expect(WardenRun.comes { !Self.hanging(below: main.pid).isEmpty })
            let pids = Self.hanging(below: main.pid)
            main.kill()
            #expect(WardenRun.comes { !pids.contains(where: WardenRun.exists) })
            holder.signal(SIGTERM)
            _ = await holder.wait()
        }
    }

    /// Processes that are not yet their program: children of keepers that still have a keeper's name.
    private static func hanging(below main: Int32) -> [Int32] {
        guard let folder = opendir("/proc") else { return [] }
        defer { closedir(folder) }
        var pids: [Int32] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { $0.prefix { $0 != 0 } }
            guard let pid = Int32(String(decoding: name, as: UTF8.self)), isKeeper(pid),
                let keeper = WardenRun.parent(of: pid), isKeeper(keeper),
                let warden = WardenRun.parent(of: keeper), WardenRun.parent(of: warden) == main
            else { continue }
            pids.append(pid)
        }
        return pids
    }

    private static func isKeeper(_ pid: Int32) -> Bool { WardenRun.text(of: "/proc/\(pid)/comm") == "keeper\n" }
}
