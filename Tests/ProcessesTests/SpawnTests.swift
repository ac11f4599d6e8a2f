import Glibc
import Processes
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SpawnTests {
    @Test(arguments: [
        ("exit 0", Processes.ExitStatus.code(0)), ("exit 3", .code(3)), ("exit 255", .code(255)),
        ("kill -TERM $$", .signal(SIGTERM, dumpedCore: false)), ("kill -KILL $$", .signal(SIGKILL, dumpedCore: false)),
    ])
    func `the end of a program is told as it was`(script: String, expected: Processes.ExitStatus) async throws {
        let witness = Witness()
        let status = try await WardenRun.with { warden in try await warden.run(.script(script, to: witness)) }
        #expect(status == expected)
    }

    @Test(arguments: [
        ("/nonexistent/program", ENOENT), ("/etc", EACCES), ("/etc/passwd", EACCES), ("TEXT", ENOEXEC),
        ("BAD", ENOENT),
    ])
    func `a program that cannot be run is an error of its step`(program: String, expected: Int32) async throws {
        let path = "/tmp/warden-\(getpid())-\(program.count)\(program.filter(\.isLetter))"
        let texts = ["TEXT": "echo no interpreter\n", "BAD": "#!/nonexistent/interpreter\n"]
        if let text = texts[program] {
            let file = try #require(fopen(path, "we"))
            fputs(text, file)
            fclose(file)
            chmod(path, 0o700)
        }
        defer { unlink(path) }
        let request = SpawnRequest(
            program: texts[program] == nil ? program : path,
            arguments: ["x"],
            environment: []
        )
        await #expect(throws: SpawnError(step: "run", program: request.program, errno: expected)) {
            try await WardenRun.with { warden in try await warden.run(request) }
        }
    }

    @Test func `a folder that does not exist is an error of its step`() async throws {
        var request = SpawnRequest(program: "/bin/true", arguments: ["true"], environment: [])
        request.directory = "/nonexistent"
        let expected = SpawnError(step: "change to the directory of", program: "/bin/true", errno: ENOENT)
        await #expect(throws: expected) {
            try await WardenRun.with { [request] warden in try await warden.run(request) }
        }
    }

    @Test func `a NUL inside an argument is refused`() async throws {
        let request = SpawnRequest(program: "/bin/true", arguments: ["true\0false"], environment: [])
        await #expect(throws: SpawnError(step: "start a keeper for", program: "/bin/true", errno: EINVAL)) {
            try await WardenRun.with { warden in try await warden.run(request) }
        }
    }

    @Test func `arguments beyond the kernel's limit are an error`() async throws {
        let long = String(repeating: "x", count: 200_000)
        let request = SpawnRequest(program: "/bin/true", arguments: ["true", long], environment: [])
        await #expect(throws: SpawnError(step: "run", program: "/bin/true", errno: E2BIG)) {
            try await WardenRun.with { warden in try await warden.run(request) }
        }
    }

    @Test func `the environment is exactly what was asked for`() async throws {
        let witness = Witness()
        var request = SpawnRequest(
            program: "/usr/bin/env",
            arguments: ["env", "-0"],
            environment: ["A=1", "EMPTY=", "TWO=a b"]
        )
        request.output = .lines(witness)
        _ = try await WardenRun.with { [request] warden in try await warden.run(request) }
        #expect(witness.lines == ["A=1\0EMPTY=\0TWO=a b\0"])
    }

    @Test func `a program has its standard descriptors and no other`() async throws {
        let witness = Witness()
        let text = """
            import os
            for name in sorted(os.listdir('/proc/self/fd'), key=int):
                try: print(name, os.readlink('/proc/self/fd/' + name).split(':')[0], flush=True)
                except OSError: pass
            """
        _ = try await WardenRun.with { warden in try await warden.run(.python(text, to: witness)) }
        #expect(witness.lines == ["0 /dev/null", "1 pipe", "2 pipe"])
    }

    @Test func `a program starts without blocked or ignored signals, in a session of its own`() async throws {
        let witness = Witness()
        let script = "exec cat /proc/self/status /proc/self/stat"
        _ = try await WardenRun.with { warden in try await warden.run(.script(script, to: witness)) }
        let zero = String(repeating: "0", count: 16)
        for name in ["SigBlk", "SigIgn", "SigCgt"] { #expect(witness.lines.contains("\(name):\t\(zero)")) }
        #expect(witness.lines.contains("NoNewPrivs:\t0"))
        // PID (COMMAND) STATE PARENT GROUP SESSION: the program leads its group and its session.
        let fields = try #require(witness.lines.last).split(separator: " ")
        #expect(fields[0] == fields[4] && fields[0] == fields[5])
    }

    @Test func `folder and limits are those that were asked for`() async throws {
        let witness = Witness()
        var request = SpawnRequest.script("pwd; ulimit -n; ulimit -c; ulimit -t; ulimit -v; ulimit -u", to: witness)
        request.directory = "/usr"
        request.limits = [
            ResourceLimit(.openFiles, 77), ResourceLimit(.core, 0), ResourceLimit(.cpuSeconds, 99),
            ResourceLimit(.addressSpace, 8 << 30), ResourceLimit(.processes, 5000),
        ]
        request.arguments[0] = "bash"
        request.program = "/bin/bash"
        _ = try await WardenRun.with { [request] warden in try await warden.run(request) }
        #expect(witness.lines == ["/usr", "77", "0", "99", "8388608", "5000"])
    }

    @Test(.enabled(if: getuid() == 0))
    func `a program runs as its user, in its groups`() async throws {
        let witness = Witness()
        var request = SpawnRequest.script("id -u; id -g; id -G; echo opened > /dev/stdout", to: witness)
        request.identity = ProcessUser(user: 65534, group: 65533, supplementaryGroups: [65532, 65531])
        let status = try await WardenRun.with { [request] warden in try await warden.run(request) }
        #expect(status == .code(0))
        #expect(witness.lines == ["65534", "65533", "65533 65531 65532", "opened"])
    }

    @Test func `a stopped program still hears the signal to end`() async throws {
        let witness = Witness()
        let status = try await WardenRun.with { warden in
            let child = try await warden.spawn(.script("trap 'exit 7' TERM; kill -STOP $$; exit 1", to: witness)) { _ in
            }
            let pid = child.pid
            #expect(WardenRun.comes { WardenRun.text(of: "/proc/\(pid)/stat")?.contains(") T ") == true })
            child.signal(SIGTERM)
            return await child.wait().status
        }
        #expect(status == .code(7))
    }

    @Test func `200 programs at once all run and end`() async throws {
        try await WardenRun.with { warden in
            let statuses = try await withThrowingTaskGroup(of: Processes.ExitStatus.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let request = SpawnRequest(
                            program: "/bin/sh",
                            arguments: ["sh", "-c", "exit \(number)"],
                            environment: []
                        )
                        return try await warden.run(request)
                    }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(statuses == Set((0..<200).map { .code($0) }))
        }
    }

    @Test func `a cancelled task still waits for the end`() async throws {
        try await WardenRun.with { warden in
            let request = SpawnRequest(program: "/bin/sleep", arguments: ["sleep", "1000"], environment: [])
            let (pid, status) = try await withThrowingTaskGroup(of: (Int32, Processes.ExitStatus).self) { group in
                group.addTask {
                    let child = try await warden.spawn(request) { _ in }
                    let pid = child.pid
                    withUnsafeCurrentTask { $0?.cancel() }
                    child.kill()
                    return (pid, await child.wait().status)
                }
                return try await group.next() ?? (0, .code(0))
            }
            #expect(status == .signal(SIGKILL, dumpedCore: false))
            #expect(!WardenRun.exists(pid))
        }
    }
}
