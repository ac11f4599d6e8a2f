import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    /// The detectors of the scenarios detect: a scenario that cannot fail shows nothing.
    ///
    /// They run in turn with the scenarios, which would take the orphans that are made here for their own.
    @Suite struct DetectorTests {
        @Test(arguments: Runaway.allCases)
        func `an orphan is found whatever it has left: its parent, its session, its environment`(runaway: Runaway)
            throws
        {
            var pid: pid_t?
            let failure = #expect(throws: ScenarioFailure.self) {
                try Scenario.run { scenario in
                    let script = try scenario.script("parent", runaway.rawValue)
                    let process = try ChildProcess(Command("/bin/sh", ["\(scenario.folder)/parent"]))
                    pid = pid_t(try script.note("left").dropLast())
                    _ = try process.waitForExit(within: .seconds(5))
                }
            }
            let orphan = try #require(pid)
            #expect(failure?.description.contains("pid \(orphan)") == true, "\(failure?.description ?? "")")
            #expect(!ProcessTable.isRunning(orphan))
        }

        @Test func `a zombie is told from a process that runs`() throws {
            let process = try ChildProcess(Command(Command.program("sleep"), ["1000"]))
            #expect(ProcessTable.isRunning(process.pid))
            kill(process.pid, SIGKILL)
            try Facts.wait(for: "it is a zombie") {
                ProcessTree().children(of: getpid()).contains { $0.pid == process.pid && $0.isZombie }
            }
            #expect(!ProcessTable.isRunning(process.pid))
            process.kill()
            #expect(!ProcessTree().children(of: getpid()).contains { $0.pid == process.pid })
        }

        @Test func `a load counts connects that are refused`() throws {
            try Scenario.run { scenario in
                let server = try LoopbackServer.upperCaseEcho()
                let load = try scenario.load(ports: [server.port])
                try load.waitForExchanges(200, at: [server.port])
                #expect(load.result.failed == 0, "\(load.result)")
                server.stop()
                try Facts.wait(for: "a failed connect") { load.result.failed > 0 }
                #expect(load.stop().failures.first?.contains("refused") == true)
            }
        }

        @Test func `a canary is found in each of its forms`() {
            #expect(Canary.leaks(in: "nothing here").isEmpty)
            #expect(!Canary.leaks(in: "password=c4n:ary@pa/55%41 w+rd.").isEmpty)
            #expect(!Canary.leaks(in: "c4n%3Aary%40pa%2F55%2541%20w%2Brd").isEmpty)
            #expect(!Canary.leaks(in: "Basic Y2FuYXJ5LXVzZXI6YzRuYXJ5LXBhNTUud29yZF9B").isEmpty)
        }

        @Test func `a process that is left is found by its mark`() throws {
            let mark = "SCENARIO=left-\(getpid())"
            #expect(ProcessTable.processes(markedBy: mark).isEmpty)
            let process = try ChildProcess(
                Command(Command.program("sleep"), ["30"], environment: ["SCENARIO": "left-\(getpid())"])
            )
            try Facts.wait(for: "the process shows its mark") {
                ProcessTable.processes(markedBy: mark) == [process.pid]
            }
            process.kill()
            #expect(ProcessTable.processes(markedBy: mark).isEmpty)
        }

        @Test func `the listening sockets of a process are those that it holds`() throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let foreign = try ForeignListener(port: port, folder: scenario.folder)
                let listeners = try ProcessTable.listeners(of: foreign.pid)
                #expect(listeners.map(\.port) == [port])
                #expect(listeners.map(\.address) == ["127.0.0.1"])
                #expect(try ProcessTable.listeners(of: getpid()).allSatisfy { $0.port != port })
                #expect(try !Ports.isFree(port))
                foreign.release()
                #expect(try Ports.isFree(port))
            }
        }

        @Test(arguments: UpstreamKind.allCases)
        func `a real upstream refuses a wrong credential, and the old one after a rotation`(kind: UpstreamKind) throws {
            try Scenario.run { scenario in
                let origin = try LoopbackServer.origin()
                scenario.atEnd { origin.stop() }
                let (first, second) = kind.passwords
                let peer = try kind.start(in: scenario.subfolder("peer"), password: first)
                scenario.atEnd { peer.stop() }
                let curl = CurlClient(folder: scenario.folder)
                func status(_ password: String) throws -> Int {
                    try curl.get(
                        port: origin.port,
                        through: peer.port,
                        tunnel: true,
                        password: password
                    ).connectStatus
                }
                #expect(try status(first) == 200)
                #expect(try status(second) == peer.refusal)
                try peer.rotate(to: second)
                try Facts.wait(for: "the old credential is refused") { try status(first) == peer.refusal }
                #expect(try status(second) == 200)
            }
        }

        @Test func `a trace shows the system calls of a process that wakes up, and none of one that sleeps`() throws {
            try Scenario.run { scenario in
                let python = try Command.program("python3")
                func trace(_ program: String) throws -> SystemCallTrace {
                    let process = try ChildProcess(Command(python, ["-c", program]))
                    defer { process.kill() }
                    try Facts.wait(for: "python waits") {
                        (FileText.readIfPresent("/proc/\(process.pid)/stat") ?? "").contains(") S ")
                    }
                    return try SystemCallTrace.watch(process.pid, seconds: 2, folder: scenario.folder)
                }
                #expect(try trace("import signal; signal.pause()").calls.isEmpty)
                let ticking = try trace("import time\nwhile True: time.sleep(0.2)").calls
                #expect((8...12).contains(ticking.count), "\(ticking)")
            }
        }

        @Test func `a report of valgrind is read to the byte, and an incomplete one is no success`() {
            let report = ValgrindReport(
                text: "==1==    definitely lost: 1,488 bytes in 3 blocks\n==1== ERROR SUMMARY: 3 errors from 3 contexts"
            )
            #expect(report.definitelyLostBytes == 1488)
            #expect(report.errors == 3)
            #expect(ValgrindReport(text: "==1== killed").definitelyLostBytes == nil)
            #expect(ValgrindReport(text: "==1== killed").errors == nil)
        }

        @Test func `the mutations of a configuration name the line that they damage`() throws {
            let text = """
                # comment with type: echo
                log: { level: info, format: text }
                services:
                  echo:
                    type: echo
                    listen: "127.0.0.1:7007"
                """
            let mutations = Mutation.all(of: text, file: "sample.yaml")
            #expect(Set(mutations.map(\.kind)) == Set(Mutation.Kind.allCases))
            for mutation in mutations {
                #expect(mutation.text != text)
                let changed = mutation.text.split(separator: "\n", omittingEmptySubsequences: false)
                let original = text.split(separator: "\n", omittingEmptySubsequences: false)
                #expect(changed[..<(mutation.line - 1)] == original[..<(mutation.line - 1)], "\(mutation)")
                #expect(mutation.kind == .duplicate || changed[mutation.line - 1] != original[mutation.line - 1])
            }
        }
    }
}
