import Glibc
import Processes
import Testing

@Suite(.timeLimit(.minutes(1)))
struct DescendantTests {
    /// A process that ignores SIGTERM, has a session and an environment of its own, and tells its pid.
    private static let stubborn = """
        import os, signal, time
        def stubborn():
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            if os.getsid(0) != os.getpid(): os.setsid()
            os.environ.clear()
            # One call: what others write at the same time stays on lines of its own.
            os.write(1, b"%d\\n" % os.getpid())
            while True: time.sleep(1000)

        """

    @Test func `a daemon that a program leaves behind is killed with its exit`() async throws {
        let witness = Witness()
        let text =
            Self.stubborn + """
                if os.fork() == 0:
                    if os.fork() == 0: stubborn()
                    os._exit(0)
                os.wait()
                os.read(0, 1)
                time.sleep(0.1)
                os._exit(5)
                """
        let status = try await WardenRun.with { warden in try await warden.run(.python(text, to: witness)) }
        #expect(status == .code(5))
        let pid = try #require(Int32(witness.lines[0]))
        #expect(!WardenRun.exists(pid))
    }

    @Test func `killing a program kills every descendant, and none is left as a zombie`() async throws {
        let witness = Witness()
        let text =
            Self.stubborn + """
                for _ in range(3):
                    if os.fork() == 0:
                        if os.fork() == 0: stubborn()
                        stubborn()
                stubborn()
                """
        try await WardenRun.with { warden in
            var request = SpawnRequest.python(text, to: witness)
            request.program = "/usr/bin/setsid"
            request.arguments = ["setsid", "-w", "/usr/bin/python3"] + request.arguments.dropFirst()
            let child = try await warden.spawn(request) { _ in }
            _ = await witness.line(6)
            let pids = witness.lines.compactMap { Int32($0) } + [child.pid]
            #expect(pids.allSatisfy(WardenRun.exists))
            child.kill()
            let status = await child.wait().status
            #expect(status == .signal(SIGKILL, dumpedCore: false))
            #expect(!pids.contains(where: WardenRun.exists))
        }
    }

    @Test func `1,000 orphans of a program are reaped while it lives`() async throws {
        let witness = Witness()
        let text = """
            import os
            for _ in range(1000):
                if os.fork() == 0:
                    if os.fork() == 0: os._exit(0)
                    os._exit(0)
                os.wait()
            print(os.getppid(), flush=True)
            open('/dev/null').read()
            import signal; signal.pause()
            """
        try await WardenRun.with { warden in
            let child = try await warden.spawn(.python(text, to: witness)) { _ in }
            let keeper = try #require(Int32(await witness.line(1)))
            let pid = child.pid
            // The keeper reaps until only the program is its child.
            #expect(
                WardenRun.comes {
                    let others = Self.children(of: keeper).filter { $0 != pid }
                    return others.isEmpty
                }
            )
            child.kill()
            _ = await child.wait()
        }
    }

    private static func children(of parent: Int32) -> [Int32] {
        guard let folder = opendir("/proc") else { return [] }
        defer { closedir(folder) }
        var children: [Int32] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let pid = Int32(name), WardenRun.parent(of: pid) == parent { children.append(pid) }
        }
        return children
    }

    @Test func `nothing outlives a main process that is killed`() async throws {
        let text = Self.stubborn + "if os.fork() == 0: stubborn()\nstubborn()"
        let main = try MainProcess.start(["/usr/bin/python3", "-S", "-c", text])
        let pids = [try #require(Int32(main.line())), try #require(Int32(main.line()))]
        #expect(pids.allSatisfy(WardenRun.exists))
        let start = ContinuousClock.now
        main.kill()
        // The descendants hold the pipe: its end is their end.
        #expect(main.line() == "")
        #expect(ContinuousClock.now - start < .seconds(1))
        #expect(WardenRun.comes { !pids.contains(where: WardenRun.exists) })
    }

    @Test func `a killed warden does not touch running programs, and the next start makes a new one`() async throws {
        let witness = Witness()
        try await WardenRun.with { warden in
            let text = "read line < /proc/$PPID/stat; echo $line"
            let child = try await warden.spawn(.script("\(text); kill -STOP $$; exit 4", to: witness)) { _ in }
            let keeper = try #require(WardenRun.parent(of: child.pid))
            let old = try #require(WardenRun.parent(of: keeper))
            kill(old, SIGKILL)
            let status = try await warden.run(.script("exit 9", to: witness))
            #expect(status == .code(9))
            #expect(WardenRun.exists(child.pid))
            child.signal(SIGCONT)
            let end = await child.wait().status
            #expect(end == .code(4))
            // The test's process has adopted the keeper.
            while waitpid(keeper, nil, 0) < 0, errno == EINTR {}
        }
    }

    @Test func `starts during the death of the warden succeed`() async throws {
        try await WardenRun.with { warden in
            for _ in 0..<20 {
                let request = SpawnRequest(program: "/bin/sh", arguments: ["sh", "-c", "exit 6"], environment: [])
                let child = try await warden.spawn(request) { _ in }
                let keeper = WardenRun.parent(of: child.pid)
                let old = keeper.flatMap(WardenRun.parent) ?? 0
                async let next = warden.run(request)
                if old > 1, WardenRun.text(of: "/proc/\(old)/comm") == "warden\n" { kill(old, SIGKILL) }
                let end = await child.wait().status
                #expect(end == .code(6))
                // A keeper that loses its warden while it starts may be reported as an error, never as a hang.
                let status = try await next
                #expect(status == .code(6))
            }
        }
    }

    @Test func `a killed keeper takes its program and all descendants with it`() async throws {
        let witness = Witness()
        let text =
            Self.stubborn + """
                if os.fork() == 0: stubborn()
                os.write(1, b"%d\\n" % os.getpid())
                signal.pause()
                """
        try await WardenRun.with { warden in
            let child = try await warden.spawn(.python(text, to: witness)) { witness.note($0) }
            _ = await witness.line(2)
            let keeper = try #require(WardenRun.parent(of: child.pid))
            let pids = witness.lines.compactMap { Int32($0) }
            kill(keeper, SIGKILL)
            let end = await child.wait()
            // The output ends when the last of them is dead.
            let (status, dropped) = (end.status, end.droppedOutput)
            #expect(status == .signal(SIGKILL, dumpedCore: false))
            #expect(!dropped)
            #expect(WardenRun.comes { !pids.contains(where: WardenRun.exists) && !WardenRun.exists(keeper) })
        }
    }
}
