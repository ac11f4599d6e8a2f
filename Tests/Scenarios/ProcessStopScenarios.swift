import Glibc
import ScenarioSupport
import Testing

/// A process that leaves the family of its program, as a line of shell that writes its pid to `left`.
enum Runaway: String, Sendable, CaseIterable {
    case doubleForked = "(/bin/sh -c 'echo $$ >> left; exec sleep 1000' &)"
    case inItsOwnSession = "setsid /bin/sh -c 'echo $$ >> left; exec sleep 1000' &"
    case withoutEnvironment = "setsid env -i /bin/sh -c 'echo $$ >> left; exec sleep 1000' &"
    case deafAndDoubleForked = "(setsid env -i /bin/sh -c 'trap \"\" TERM HUP; echo $$ >> left; exec sleep 1000' &)"
}

extension ReleaseBinary {
    @Suite struct ProcessStop {
        @Test(arguments: Runaway.allCases)
        func `whatever left its program's session is ended with the program, by a stop and by an exit`(
            runaway: Runaway
        ) throws {
            try Scenario.run { scenario in
                // It holds the program's standard output, which must delay nothing.
                let script = try scenario.script("parent", "\(runaway.rawValue)\nexec sleep 1000")
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        """
                          parent:
                            type: process
                            command: \(script.command)
                            restart: { backoff: { initial: 10ms, max: 10ms } }
                        """
                    )
                )
                let first = try Self.lefts(1, of: script)
                #expect(ProcessTable.isRunning(first[0]))
                try script.kill()
                try script.awaitStart(2, within: .seconds(3))
                let both = try Self.lefts(2, of: script)
                try Facts.wait(for: "what the first program left is gone", within: .seconds(2)) {
                    !ProcessTable.isRunning(both[0])
                }
                #expect(ProcessTable.isRunning(both[1]))
                try daemon.awaitNoZombies()
                daemon.send(SIGTERM)
                #expect(try daemon.awaitExit(within: .seconds(5)) == .exited(0))
                #expect(!ProcessTable.isRunning(both[1]))
            }
        }

        @Test func `a program that ignores the stop signal is killed after its time, and the exit code is 1`() throws {
            try Scenario.run { scenario in
                let script = try scenario.script(
                    "deaf",
                    "trap '' TERM\necho deaf > deaf.note\nwhile :; do sleep 1; done"
                )
                let daemon = try scenario.readyDaemon(
                    ConfigurationText("  deaf: { type: process, command: \(script.command), stop_timeout: 500ms }")
                )
                _ = try script.note("deaf.note")
                let pid = try script.awaitStart()
                let start = ContinuousClock.now
                daemon.send(SIGTERM)
                #expect(try daemon.awaitExit(within: .seconds(5)) == .exited(1))
                let duration = ContinuousClock.now - start
                #expect(duration > .milliseconds(450) && duration < .seconds(3), "\(duration)")
                #expect(!daemon.lines(containing: "deaf", "\(pid)").isEmpty, "it is named: \(daemon.log)")
            }
        }

        @Test func `a program is asked with its own stop signal, also when it is stopped, and may take its time`()
            throws
        {
            try Scenario.run { scenario in
                let script = try scenario.script(
                    "polite",
                    """
                    trap 'echo interrupted >> said; sleep 0.3; exit 0' INT
                    trap 'echo terminated >> said; exit 0' TERM
                    echo listening > polite.note
                    while :; do sleep 0.05; done
                    """
                )
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        "  polite: { type: process, command: \(script.command), stop_signal: INT, stop_timeout: 5s }"
                    )
                )
                _ = try script.note("polite.note")
                try script.kill(SIGSTOP)
                daemon.send(SIGTERM)
                #expect(try daemon.awaitExit(within: .seconds(5)) == .exited(0))
                #expect(try script.note("said") == "interrupted\n")
            }
        }

        @Test func `a second SIGTERM does not wait for a program that ignores the first`() throws {
            try Scenario.run { scenario in
                let script = try scenario.script(
                    "deaf",
                    "trap '' TERM\necho deaf > deaf.note\nwhile :; do sleep 1; done"
                )
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        "  deaf: { type: process, command: \(script.command), stop_timeout: 60s }",
                        drain: "60s"
                    )
                )
                _ = try script.note("deaf.note")
                daemon.send(SIGTERM)
                try daemon.awaitStopping()
                daemon.send(SIGTERM)
                #expect(try daemon.awaitExit(within: .seconds(5)) == .exited(1))
            }
        }

        @Test func `programs stop in the reverse order of what they require`() throws {
            try Scenario.run { scenario in
                func script(_ name: String) throws -> Script {
                    try scenario.script(
                        name,
                        "trap 'sleep 0.1; echo \(name) >> order; exit 0' TERM\nwhile :; do sleep 0.02; done"
                    )
                }
                let (base, middle, top) = try (script("base"), script("middle"), script("top"))
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        """
                          top: { type: process, command: \(top.command), requires: [middle] }
                          base: { type: process, command: \(base.command) }
                          middle: { type: process, command: \(middle.command), requires: [base] }
                        """
                    )
                )
                for script in [base, middle, top] { try script.awaitStart() }
                // The traps are set right after the start is written down.
                Facts.pace(milliseconds: 100)
                #expect(try daemon.stop() == .exited(0))
                #expect(try base.note("order") == "top\nmiddle\nbase\n")
            }
        }

        private static func lefts(_ count: Int, of script: Script) throws -> [pid_t] {
            var found: [pid_t] = []
            try Facts.wait(for: "\(count) processes have left their program") {
                let text = FileText.readIfPresent(script.folder + "/left") ?? ""
                found = text.split(separator: "\n").compactMap { pid_t($0) }
                return found.count >= count && text.hasSuffix("\n")
            }
            return found
        }
    }
}
