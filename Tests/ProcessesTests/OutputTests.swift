import Glibc
import Processes
import Testing

@Suite(.timeLimit(.minutes(1)))
struct OutputTests {
    @Test func `lines of both streams are told apart`() async throws {
        let witness = Witness()
        _ = try await WardenRun.with { warden in
            try await warden.run(.script("echo one; echo two >&2; printf end", to: witness))
        }
        let lines = Set(witness.processLines)
        #expect(
            lines == [
                ProcessLine(text: "one", isError: false, isPart: false),
                ProcessLine(text: "two", isError: true, isPart: false),
                ProcessLine(text: "end", isError: false, isPart: false),
            ]
        )
    }

    @Test func `a program that closes its output lives on`() async throws {
        let witness = Witness()
        let status = try await WardenRun.with { warden in
            let script = "exec 1>&- 2>&-; read x < /dev/null; kill -STOP $$; exit 3"
            let child = try await warden.spawn(.script(script, to: witness)) { _ in }
            let pid = child.pid
            #expect(WardenRun.comes { WardenRun.text(of: "/proc/\(pid)/stat")?.contains(") T ") == true })
            child.signal(SIGCONT)
            return await child.wait().status
        }
        #expect(status == .code(3))
    }

    @Test func `a receiver that takes no more makes the program wait, and loses nothing`() async throws {
        let witness = Witness()
        witness.stop()
        let text = "import sys\nfor i in range(100000): print(i)\nprint('end', file=sys.stderr)"
        let status = try await WardenRun.with { warden in
            let child = try await warden.spawn(.python(text, to: witness)) { witness.note($0) }
            let pid = child.pid
            _ = await witness.line(1)
            // The pipe is full: the program waits in write(2).
            #expect(WardenRun.comes { WardenRun.text(of: "/proc/\(pid)/stat")?.contains(") S ") == true })
            #expect(witness.lines == ["0"])
            #expect(witness.events.isEmpty)
            witness.go()
            return await child.wait().status
        }
        #expect(status == .code(0))
        #expect(witness.lines.filter { $0 != "end" } == (0..<100_000).map(String.init))
    }

    @Test func `a receiver that never takes more holds the end up for a second at most`() async throws {
        let witness = Witness()
        witness.stop()
        let dropped = try await WardenRun.with { warden in
            let child = try await warden.spawn(.script("echo one; echo two; exit 0", to: witness)) { _ in }
            return await child.wait().droppedOutput
        }
        #expect(dropped)
        #expect(witness.lines == ["one"])
    }

    @Test func `a pipe that is held by a stranger holds the end up for a second at most`() async throws {
        let witness = Witness()
        // The test itself holds the pipe: it opens the program's standard output.
        let dropped = try await WardenRun.with { warden in
            let child = try await warden.spawn(.script("echo one; kill -STOP $$", to: witness)) { _ in }
            _ = await witness.line(1)
            let held = open("/proc/\(child.pid)/fd/1", O_WRONLY | O_CLOEXEC)
            defer { close(held) }
            #expect(held >= 0)
            child.kill()
            return await child.wait().droppedOutput
        }
        #expect(dropped)
        #expect(witness.lines == ["one"])
    }

    @Test func `output of a descendant that holds the pipe ends with the program`() async throws {
        let witness = Witness()
        let dropped = try await WardenRun.with { warden in
            let child = try await warden.spawn(.script("setsid sleep 1000 & echo $!; exit 0", to: witness)) { _ in }
            return await child.wait().droppedOutput
        }
        #expect(!dropped)
        let pid = try #require(Int32(witness.lines[0]))
        #expect(!WardenRun.exists(pid))
    }
}
