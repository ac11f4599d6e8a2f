import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    @Suite struct ProcessReload {
        @Test func `a changed program is replaced without two at once, and an unchanged one keeps its pid`() throws {
            try Scenario.run { scenario in
                let kept = try scenario.sleeper("kept")
                let changed = try scenario.script(
                    "changed",
                    """
                    exec 9> lock
                    flock --nonblock 9 || echo $$ >> doubles
                    trap 'echo stopping >> order; sleep 0.3; echo stopped >> order; exit 0' TERM
                    echo "started $VERSION" >> order
                    while :; do sleep 0.02 9>&-; done
                    """
                )
                func configuration(_ version: Int) -> ConfigurationText {
                    ConfigurationText(
                        """
                          kept: { type: process, command: \(kept.command) }
                          changed: { type: process, command: \(changed.command),
                                     environment: { VERSION: "\(version)" } }
                        """
                    )
                }
                let daemon = try scenario.readyDaemon(configuration(1))
                let pid = try kept.awaitStart()
                try Facts.wait(for: "the first version has started") {
                    FileText.readIfPresent(scenario.folder + "/order") == "started 1\n"
                }
                let descriptors = daemon.descriptors.count
                let verdict = try daemon.reload(configuration(2))
                #expect(verdict.contains("reload applied"), "\(verdict)")
                try Facts.wait(for: "the second version has started") {
                    FileText.readIfPresent(scenario.folder + "/order") == "started 1\nstopping\nstopped\nstarted 2\n"
                }
                #expect(!FileText.names(in: scenario.folder).contains("doubles"))
                #expect(kept.starts == [pid] && kept.running == [pid])
                #expect(changed.running.count == 1)
                try daemon.awaitDescriptors(descriptors)
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `the live keys of a program change without a restart, and take effect`() throws {
            try Scenario.run { scenario in
                let script = try scenario.script(
                    "program",
                    "trap 'echo interrupted > said; exit 0' INT\ntrap '' TERM\necho set > traps\n"
                        + "while :; do sleep 0.02; done"
                )
                func configuration(_ more: String) -> ConfigurationText {
                    ConfigurationText("  program: { type: process, command: \(script.command), \(more) }")
                }
                let daemon = try scenario.readyDaemon(configuration("stop_timeout: 60s"))
                _ = try script.note("traps")
                let pid = try script.awaitStart()
                let verdict = try daemon.reload(
                    configuration("stop_timeout: 5s, stop_signal: INT, restart: never, success_exit_codes: [0, 7]")
                )
                #expect(verdict.contains("reload applied"), "\(verdict)")
                #expect(script.running == [pid])
                #expect(try daemon.stop() == .exited(0))
                #expect(try script.note("said") == "interrupted\n")
            }
        }

        @Test func `a group changes its strategy and its members without touching those that did not change`() throws {
            try Scenario.run { scenario in
                let scripts = try ["a", "b", "c"].map { try scenario.sleeper($0) }
                let port = try Ports.reserve()
                func configuration(_ groups: String) -> ConfigurationText {
                    let programs = zip(["a", "b", "c"], scripts).map { name, script in
                        "  \(name): { type: process, command: \(script.command), "
                            + "restart: { backoff: { initial: 10ms, max: 10ms } } }"
                    }
                    let echo = "  echo: { type: echo, listen: \"127.0.0.1:\(port)\", drain: 100ms }"
                    return ConfigurationText((programs + [echo]).joined(separator: "\n"), groups: groups)
                }
                let daemon = try scenario.readyDaemon(
                    configuration("  group: { strategy: one-for-all, children: [a, b, echo] }")
                )
                let pids = try scripts.map { try $0.awaitStart() }
                let echo = try scenario.steadyEcho(port: port)
                for groups in [
                    "  group: { strategy: one-for-one, children: [a, b, echo] }",
                    "  group: { strategy: rest-for-one, intensity: 7, children: [a, b, c, echo] }",
                    "  other: { strategy: one-for-all, children: [b, c] }",
                ] {
                    let verdict = try daemon.reload(configuration(groups))
                    #expect(verdict.contains("reload applied"), "\(groups): \(verdict)")
                    #expect(scripts.flatMap(\.running) == pids, "\(groups)")
                    try echo.awaitProgress()
                }
                // The last configuration is in effect: `a` is alone, and `c` takes `b` with it.
                try scripts[0].kill()
                try scripts[0].awaitStart(2)
                #expect(scripts[1].starts.count == 1)
                try scripts[2].kill()
                for script in scripts { try script.awaitStart(2) }
                #expect(scripts[0].starts.count == 2)
                try echo.awaitProgress()
                try echo.stop()
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `programs are added and removed by a reload, with their sockets`() throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let (kept, more) = try (scenario.sleeper("kept"), scenario.sleeper("more"))
                let one = "  kept: { type: process, command: \(kept.command) }"
                let two = one + "\n  more: { type: process, command: \(more.command), sockets: \"127.0.0.1:\(port)\" }"
                let daemon = try scenario.readyDaemon(ConfigurationText(one))
                let pid = try kept.awaitStart()
                let (descriptors, processes) = (daemon.descriptors.count, daemon.descendants.count)
                for round in 1...3 {
                    #expect(try daemon.reload(ConfigurationText(two)).contains("reload applied"))
                    try more.awaitStart(round)
                    #expect(try daemon.listeners.map(\.port) == [port])
                    #expect(try daemon.reload(ConfigurationText(one)).contains("reload applied"))
                    try Facts.wait(for: "the removed program and its socket are gone") {
                        try more.running.isEmpty && daemon.listeners.isEmpty && daemon.descendants.count == processes
                    }
                }
                try daemon.awaitDescriptors(descriptors)
                #expect(kept.running == [pid])
                #expect(try daemon.stop() == .exited(0))
                #expect(try Ports.isFree(port))
            }
        }
    }
}
