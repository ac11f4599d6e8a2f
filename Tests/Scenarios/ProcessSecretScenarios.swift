import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    /// Passwords that are given to programs, where every output of the daemon is tempted to show them.
    @Suite struct ProcessSecrets {
        @Test func `no output shows the environment and the arguments of a program, whatever becomes of it`() throws {
            try Scenario.run { scenario in
                let script = try scenario.script("program", "[ -e calm ] || exit 4\nexec sleep 1000")
                try script.raise("calm")
                func configuration(_ words: String, _ more: String = "") -> String {
                    ConfigurationText(
                        """
                          program:
                            type: process
                            command: [\(words), "--password=\(Canary.password)", "\(Canary.specialPassword)"]
                            environment: { PASSWORD: "\(Canary.rotatedPassword)" }
                            restart: { backoff: { initial: 10ms, max: 10ms }, intensity: 2 }
                            health: { command: [/bin/false, "\(Canary.rotatedSpecialPassword)"], interval: 50ms,
                                      on_unhealthy: mark }
                            \(more)
                        """
                    ).text.replacing("level: info", with: "level: trace")
                }
                let words = "/bin/sh, \(scenario.folder)/program"
                let daemon = try scenario.daemon(text: configuration(words))
                try daemon.awaitReady()
                try script.awaitStart()
                try daemon.awaitStatus(of: "program", containing: "unhealthy")
                try daemon.configure(text: configuration("/nonexistent"))
                #expect(try daemon.reload().contains("reload rejected"))
                try daemon.configure(text: configuration(words, "ready: { colour: red }"))
                #expect(try daemon.reload().contains("reload rejected"))
                try daemon.configure(text: configuration(words, "stop_timeout: 3s"))
                #expect(try daemon.reload().contains("reload applied"))
                try script.lower("calm")
                try script.kill()
                // The last reload is still on trial; what ran before it fails in the same way.
                try daemon.awaitLog(containing: "reverted: cannot keep generation")
                #expect(try daemon.awaitExit() == .exited(70))
            }
        }

        @Test func `no check, plan or status shows the members of a pool`() throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                func configuration(_ instances: Int, _ damage: String = "") -> ConfigurationText {
                    ConfigurationText(
                        """
                          bridge:
                            type: proxy-bridge
                            instances: \(instances)
                            listen: "127.0.0.1:0"
                            upstream: { pool: residential }
                            \(ConfigurationText.loopbackPolicy)
                        """,
                        pools: """
                              residential:
                                allocation: exclusive
                                members:
                                  - { url: "http://127.0.0.1:\(port)", username: \(Canary.user), \(damage)
                                      password: "\(Canary.specialPassword)" }
                            """
                    )
                }
                for damage in ["pasword: x,", "password: [1],", "url: \"http://127.0.0.1:1\","] {
                    let checked = try CheckedFile.check(configuration(1, damage).text, in: scenario.folder)
                    #expect(checked.status == .exited(78), "\(checked.output)")
                    #expect(Canary.leaks(in: checked.output).isEmpty, "\(damage): \(checked.output)")
                }
                let daemon = try scenario.readyDaemon(configuration(1))
                let bridge = try #require(try daemon.listeners.first).port
                let answer = try CurlClient(folder: scenario.folder).get(port: 9, through: bridge, tunnel: true)
                #expect(answer.connectStatus == 502, "\(answer)")
                #expect(Canary.leaks(in: answer.heads + answer.body).isEmpty, "\(answer)")
                #expect(try daemon.status(of: "bridge@0").contains(" ready "))
                #expect(try daemon.reload(configuration(2)).contains("reload rejected"))
                #expect(try daemon.stop() == .exited(0))
            }
        }
    }
}
