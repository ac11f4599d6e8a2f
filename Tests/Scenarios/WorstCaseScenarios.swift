import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    /// Programs that resist, and several blows at once.
    @Suite struct WorstCases {
        /// A process that is always another one: each forks the next and ends.
        private static let hopper = """
            if os.fork() == 0:
                os.setsid()
                os.environ.clear()
                with open("hopping", "w") as note: note.write("on\\n")
                while True:
                    if os.fork(): os._exit(0)
            signal.pause()
            """
        /// A program that makes orphans as fast as it can.
        private static let breeder = """
            with open("hopping", "w") as note: note.write("on\\n")
            while True:
                pid = os.fork()
                if pid == 0:
                    if os.fork() == 0: time.sleep(1)
                    os._exit(0)
                os.waitpid(pid, 0)
            """

        @Test(arguments: [hopper, breeder])
        func `a program that forks faster than it can be looked at is ended by a stop and by a SIGKILL of the daemon`(
            body: String
        ) throws {
            for isSudden in [false, true] {
                try Scenario.run { scenario in
                    let script = try scenario.python("forker", body)
                    let daemon = try scenario.readyDaemon(
                        ConfigurationText("  forker: { type: process, command: \(script.command), stop_timeout: 1s }")
                    )
                    _ = try script.note("hopping")
                    Facts.pace(milliseconds: 200)
                    if isSudden {
                        daemon.process.kill()
                    } else {
                        daemon.send(SIGTERM)
                        #expect(try daemon.awaitExit(within: .seconds(5)) == .exited(0))
                    }
                }
            }
        }

        @Test func `the daemon, killed after its warden, leaves nothing`() throws {
            try Scenario.run { scenario in
                let runaways = Runaway.allCases.map(\.rawValue).joined(separator: "\n")
                let script = try scenario.script("parent", "\(runaways)\nexec sleep 1000")
                let daemon = try scenario.readyDaemon(
                    ConfigurationText("  parent: { type: process, command: \(script.command) }")
                )
                try Self.awaitRunaways(of: script)
                let pids = daemon.descendants.map(\.pid)
                kill(try #require(ProcessTree().children(of: daemon.pid).first).pid, SIGKILL)
                daemon.process.kill()
                try Facts.wait(for: "no descendant is left", within: .seconds(1)) {
                    !pids.contains(where: ProcessTable.isRunning)
                }
            }
        }

        @Test func `warden and keeper killed together leave nothing of the program, which starts again`() throws {
            try Scenario.run { scenario in
                let runaways = Runaway.allCases.map(\.rawValue).joined(separator: "\n")
                let script = try scenario.script("parent", "\(runaways)\nexec sleep 1000")
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
                try Self.awaitRunaways(of: script)
                let pids = daemon.descendants.map(\.pid)
                let program = try script.awaitStart()
                let keeper = try #require(daemon.descendants.first { $0.pid == program }).parent
                let warden = try #require(ProcessTree().children(of: daemon.pid).first).pid
                kill(warden, SIGKILL)
                kill(keeper, SIGKILL)
                try script.awaitStart(2)
                try Facts.wait(for: "what the first program left is gone", within: .seconds(5)) {
                    !pids.contains(where: ProcessTable.isRunning)
                }
                try daemon.awaitNoZombies()
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `a program that is removed and does not want to end is killed, and the others go on`() throws {
            try Scenario.run { scenario in
                let kept = try scenario.sleeper("kept")
                let deaf = try scenario.script("deaf", "trap '' TERM\necho deaf > deaf.note\nwhile :; do sleep 1; done")
                let one = "  kept: { type: process, command: \(kept.command) }"
                let two = one + "\n  deaf: { type: process, command: \(deaf.command), stop_timeout: 300ms }"
                let daemon = try scenario.readyDaemon(ConfigurationText(two))
                _ = try deaf.note("deaf.note")
                let pid = try kept.awaitStart()
                #expect(try daemon.reload(ConfigurationText(one)).contains("reload applied"))
                try Facts.wait(for: "the removed program is gone") { deaf.running.isEmpty }
                try daemon.awaitLine(containing: "deaf", "killed")
                #expect(kept.running == [pid])
                // It comes back by the next reload, while nothing of the first is left.
                #expect(try daemon.reload(ConfigurationText(two)).contains("reload applied"))
                try deaf.awaitStart(2)
                #expect(deaf.running.count == 1)
                _ = try daemon.stop()
            }
        }

        @Test func `two hundred programs start, are killed at once, start again and stop`() throws {
            try Scenario.run { scenario in
                let script = try scenario.sleeper("many")
                let daemon = try scenario.daemon(
                    ConfigurationText(
                        """
                          many:
                            type: process
                            instances: 200
                            command: \(script.command)
                            restart: { backoff: { initial: 10ms, max: 10ms } }
                        """
                    ),
                    patience: .seconds(30)
                )
                try daemon.awaitReady()
                try script.awaitStart(200)
                let (descriptors, processes) = (daemon.descriptors.count, daemon.descendants.count)
                for pid in script.starts { kill(pid, SIGKILL) }
                try script.awaitStart(400, within: .seconds(30))
                try Facts.wait(for: "as many processes as before", within: .seconds(20)) {
                    daemon.descendants.count == processes && daemon.zombies.isEmpty
                }
                try daemon.awaitDescriptors(descriptors)
                #expect(script.running.count == 200)
                daemon.send(SIGTERM)
                #expect(try daemon.awaitExit(within: .seconds(20)) == .exited(0))
            }
        }

        private static func awaitRunaways(of script: Script) throws {
            try Facts.wait(for: "all runaways run") {
                let text = FileText.readIfPresent(script.folder + "/left") ?? ""
                return text.split(separator: "\n").count == Runaway.allCases.count
            }
        }
    }
}
