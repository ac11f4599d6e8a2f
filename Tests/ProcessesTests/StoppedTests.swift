import Glibc
import Processes
import Testing

/// Somebody, be it a program, stops a keeper or the warden by SIGSTOP.
@Suite(.timeLimit(.minutes(1)))
struct StoppedTests {

    @Test func `a keeper that is stopped goes on by itself`() async throws {
        try await WardenRun.with { warden in
            let child = try await warden.spawn(.script("exec sleep 1000", to: Witness())) { _ in }
            let keeper = try #require(WardenRun.parent(of: child.pid))
            kill(keeper, SIGSTOP)
            kill(child.pid, SIGUSR1)
            let status = await child.wait().status
            #expect(status == .signal(SIGUSR1, dumpedCore: false))
        }
    }

    @Test func `a program that stops its keeper again and again is killed all the same`() async throws {
        let witness = Witness()
        let text = """
            import os, signal
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            print(os.getppid(), flush=True)
            keeper = os.getppid()
            while True: os.kill(keeper, signal.SIGSTOP)
            """
        try await WardenRun.with { warden in
            let child = try await warden.spawn(.python(text, to: witness)) { _ in }
            _ = await witness.line(1)
            let pid = child.pid
            child.kill()
            let status = await child.wait().status
            #expect(status == .signal(SIGKILL, dumpedCore: false))
            #expect(!WardenRun.exists(pid))
        }
    }

    @Test(.enabled(if: geteuid() == 0, "tracing a process that is no child may need root"))
    func `a keeper that cannot be woken is killed, and with it what it keeps`() async throws {
        let (witness, tracer) = (Witness(), Witness())
        // SIGCONT does not wake a process that its tracer has stopped.
        let text = """
            import ctypes, os, signal, sys
            ptrace = ctypes.CDLL(None).ptrace
            keeper, nothing = int(os.environ["KEEPER"]), ctypes.c_void_p(0)
            seized = ptrace(0x4206, keeper, nothing, nothing)
            print(seized, ptrace(0x4207, keeper, nothing, nothing), flush=True)
            while True: signal.pause()
            """
        try await WardenRun.with { warden in
            let child = try await warden.spawn(.script("sleep 1000 & echo $!; wait", to: witness)) { _ in }
            let other = try #require(Int32(await witness.line(1)))
            let pid = child.pid
            let keeper = try #require(WardenRun.parent(of: pid))
            var request = SpawnRequest.python(text, to: tracer)
            request.environment.append("KEEPER=\(keeper)")
            let tracing = try await warden.spawn(request) { _ in }
            #expect(await tracer.line(1) == "0 0")
            #expect(WardenRun.comes { WardenRun.text(of: "/proc/\(keeper)/stat")?.contains(") t ") == true })
            child.kill()
            let status = await child.wait().status
            #expect(status == .signal(SIGKILL, dumpedCore: false))
            #expect(!WardenRun.exists(pid))
            #expect(WardenRun.comes { !WardenRun.exists(other) })
            tracing.kill()
            _ = await tracing.wait()
        }
    }

    @Test func `a stopped warden holds up neither a start nor the end`() async throws {
        try await WardenRun.with { warden in
            let request = SpawnRequest(program: "/bin/sleep", arguments: ["sleep", "1000"], environment: [])
            let child = try await warden.spawn(request) { _ in }
            let keeper = try #require(WardenRun.parent(of: child.pid))
            let parent = try #require(WardenRun.parent(of: keeper))
            kill(parent, SIGSTOP)
            let other = SpawnRequest(program: "/bin/sh", arguments: ["sh", "-c", "exit 6"], environment: [])
            #expect(try await warden.run(other) == .code(6))
            child.kill()
            _ = await child.wait()
            kill(parent, SIGSTOP)
        }
    }
}
