import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    @Suite struct ProcessOutput {
        /// What the supervisor may need at its most: it starts at 16 MB, and a gigabyte that it kept would show.
        private static let memoryLimit = 96 * 1024

        @Test func `a program that floods a gigabyte of output is logged in bounded memory, and the others answer`()
            throws
        {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let flood = try scenario.python(
                    "flood",
                    """
                    block = (b"x" * 999 + b"\\n") * 1000
                    while not os.path.exists("go"): time.sleep(0.02)
                    for _ in range(1000):
                        rest = memoryview(block)
                        while rest: rest = rest[os.write(1, rest):]
                    with open("flooded", "w") as note: note.write("all\\n")
                    signal.pause()
                    """
                )
                let daemon = try scenario.daemon(
                    ConfigurationText(
                        """
                          echo: { type: echo, listen: "127.0.0.1:\(port)" }
                          flood: { type: process, command: \(flood.command) }
                        """
                    ),
                    // The log would fill the disk; a gigabyte of it has to go somewhere fast.
                    errorPath: "/dev/null"
                )
                try daemon.awaitReady()
                let client = try ClientSocket(to: port)
                try flood.raise("go")
                var slowest = Duration.zero
                try Facts.wait(for: "the flood is over", within: .seconds(120)) {
                    let start = ContinuousClock.now
                    try client.echo("meanwhile")
                    slowest = max(slowest, ContinuousClock.now - start)
                    return FileText.names(in: scenario.folder).contains("flooded")
                }
                client.close()
                #expect(slowest < .seconds(1))
                #expect(try Self.kilobytes(ofPeakOf: daemon.pid) < Self.memoryLimit)
                #expect(flood.starts.count == 1)
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test(arguments: ["exec yes 'a line of a flood'", "trap '' PIPE\nexec yes 'a line of a flood' >&2"])
        func `a shutdown and a reload work during a flood`(body: String) throws {
            try Scenario.run { scenario in
                let flood = try scenario.script("flood", body)
                func configuration(_ limit: Int) -> ConfigurationText {
                    ConfigurationText(
                        """
                          echo: { type: echo, listen: "127.0.0.1:0", max_connections: \(limit) }
                          flood: { type: process, command: \(flood.command) }
                        """
                    )
                }
                let daemon = try scenario.daemon(configuration(10), errorPath: "/dev/null")
                try daemon.awaitReady()
                try flood.awaitStart()
                Facts.pace(milliseconds: 500)
                #expect(try daemon.reload(configuration(20)).contains("reload applied"))
                #expect(flood.starts.count == 1)
                #expect(try Self.kilobytes(ofPeakOf: daemon.pid) < Self.memoryLimit)
                daemon.send(SIGTERM)
                #expect(try daemon.awaitExit(within: .seconds(5)) == .exited(0))
            }
        }

        @Test func `the lines of a program come to the log, with its name, and the last without an end too`() throws {
            try Scenario.run { scenario in
                let script = try scenario.script(
                    "talker",
                    "echo on the output\necho on the error >&2\nuntil [ -e go ]; do sleep 0.02; done\nprintf 'no end'"
                )
                let daemon = try scenario.readyDaemon(
                    ConfigurationText("  talker: { type: process, command: \(script.command) }")
                )
                try daemon.awaitLine(containing: "on the output", "talker")
                try daemon.awaitLine(containing: "on the error", "talker")
                try script.raise("go")
                try daemon.awaitLine(containing: "no end", "talker")
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `an endless line and control characters of a program do not break the log`() throws {
            try Scenario.run { scenario in
                let script = try scenario.python(
                    "odd",
                    """
                    os.write(1, b"first \\x1b[31m red \\x00 nul \\xff byte\\n")
                    os.write(1, b"y" * 200_000 + b"\\nlast line\\n")
                    signal.pause()
                    """
                )
                let daemon = try scenario.readyDaemon(
                    ConfigurationText("  odd: { type: process, command: \(script.command) }")
                )
                try daemon.awaitLine(containing: "last line", "odd")
                let bytes = try FileText.bytes(daemon.folder + "/stderr")
                #expect(!bytes.contains(0x1b) && !bytes.contains(0), "\(daemon.lines(containing: "first"))")
                #expect(daemon.lines(containing: "yyyy").allSatisfy { $0.utf8.count < 10_000 })
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `a program that closes its output lives on and costs nothing`() throws {
            try Scenario.run { scenario in
                let script = try scenario.script("silent", "echo closing\nexec >&- 2>&-\nexec sleep 1000")
                let daemon = try scenario.readyDaemon(
                    ConfigurationText("  silent: { type: process, command: \(script.command) }")
                )
                try daemon.awaitLine(containing: "closing")
                let pid = try script.awaitStart()
                try Facts.wait(for: "the program has closed its output") {
                    ProcessTable.descriptors(of: pid).keys.sorted() == [0]
                }
                let trace = try SystemCallTrace.watch(daemon.pid, seconds: 2, folder: scenario.folder)
                // What the end of the streams itself has to do may fall into the trace; a loop would be thousands.
                #expect(trace.calls.count < 50, "\(trace.calls.prefix(20))")
                #expect(script.starts.count == 1)
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `a thousand short-lived orphans of a program leave no zombie`() throws {
            try Scenario.run { scenario in
                let script = try scenario.script(
                    "forker",
                    """
                    i=0
                    while [ $i -lt 1000 ]; do (sleep 0.01 &); i=$((i + 1)); done
                    echo all > forked
                    exec sleep 1000
                    """
                )
                let daemon = try scenario.readyDaemon(
                    ConfigurationText("  forker: { type: process, command: \(script.command) }")
                )
                _ = try script.note("forked", within: .seconds(30))
                try Facts.wait(for: "every orphan has been reaped") {
                    daemon.descendants.count { $0.command == "sleep" } == 1 && daemon.zombies.isEmpty
                }
                #expect(script.starts.count == 1)
                #expect(try daemon.stop() == .exited(0))
            }
        }

        private static func kilobytes(ofPeakOf pid: pid_t) throws -> Int {
            let field = try ProcessTable.field("VmHWM", of: pid)
            return try #require(Int(field.prefix { $0 != " " }))
        }
    }
}
