import Glibc
import ScenarioSupport
import Testing

/// A program that cannot be run, as the first word of `command`.
enum WrongProgram: String, Sendable, CaseIterable {
    case missing = "/nonexistent/program"
    case notInPath = "no-such-program-anywhere"
    case folder = "/usr/share"
    case notExecutable = "/etc/passwd"
}

extension ReleaseBinary {
    @Suite struct Program {
        @Test(arguments: WrongProgram.allCases)
        func `a start with a program that cannot run exits with 69 and names its position`(program: WrongProgram)
            throws
        {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let configuration = ConfigurationText(Self.services(port: port, command: "[\(program.rawValue), -x]"))
                let daemon = try scenario.daemon(configuration)
                #expect(try daemon.awaitExit() == .exited(69))
                let position = try configuration.position(of: program.rawValue)
                #expect(daemon.log.contains("services.yaml:\(position): cannot"), "\(position): \(daemon.log)")
                #expect(!daemon.notifications.contains { $0.isReady })
                #expect(try Ports.isFree(port))
            }
        }

        @Test(arguments: WrongProgram.allCases)
        func `a reload onto a program that cannot run is rejected, and everything runs on`(program: WrongProgram)
            throws
        {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let good = try scenario.script("good", "exec sleep 1000")
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(Self.services(port: port, command: good.command))
                )
                let pid = try good.awaitStart()
                let echo = try scenario.steadyEcho(port: port)
                let (listeners, descriptors) = (try daemon.listeners, daemon.descriptors.count)
                let bad = ConfigurationText(Self.services(port: port, command: "[\(program.rawValue), -x]"))
                let verdict = try daemon.reload(bad)
                let position = try bad.position(of: program.rawValue)
                #expect(verdict.contains("reload rejected: services.yaml:\(position): cannot"), "\(verdict)")
                #expect(good.starts == [pid] && ProcessTable.isRunning(pid))
                #expect(try daemon.listeners == listeners)
                try daemon.awaitDescriptors(descriptors)
                try echo.awaitProgress()
                try echo.stop()
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `a folder, user or group that does not exist is an error at its position`() throws {
            let wrong = ["directory: /nonexistent/folder", "user: no-such-user", "group: no-such-group"]
            try Scenario.run { scenario in
                for text in wrong {
                    let configuration = ConfigurationText(
                        "  program: { type: process, command: [/bin/sleep, \"1000\"], \(text) }"
                    )
                    let daemon = try scenario.daemon(configuration)
                    #expect(try daemon.awaitExit() == .exited(69), "\(text)")
                    let value = try #require(text.split(separator: " ").last)
                    let position = try configuration.position(of: String(value))
                    #expect(daemon.log.contains("services.yaml:\(position): cannot"), "\(position): \(daemon.log)")
                }
            }
        }

        @Test func `fifty reloads and as many kills at the same time never start a program twice at once`() throws {
            try Scenario.run { scenario in
                // A second one that runs at the same time cannot take the lock, which dies with its program.
                let script = try scenario.script(
                    "single",
                    """
                    exec 9> lock
                    flock --nonblock 9 || echo $$ >> doubles
                    exec sleep 1000
                    """
                )
                func configuration(_ round: Int) -> ConfigurationText {
                    ConfigurationText(
                        """
                          single:
                            type: process
                            command: \(script.command)
                            environment: { ROUND: "\(round)" }
                            restart: { policy: always, backoff: { initial: 0ms }, intensity: 1000 }
                        """
                    )
                }
                let daemon = try scenario.readyDaemon(configuration(0))
                for round in 1...50 {
                    try daemon.configure(configuration(round))
                    daemon.send(SIGHUP)
                    try script.kill()
                    Facts.pace(milliseconds: Int32(round % 5) * 10)
                    try script.kill()
                }
                try Facts.wait(
                    for: "the last configuration runs and every reload has its verdict",
                    within: .seconds(20)
                ) {
                    let messages = daemon.notifications
                    guard messages.count(where: \.isReloading) == messages.count(where: \.isReady) - 1 else {
                        return false
                    }
                    let running = script.starts.filter(ProcessTable.isRunning)
                    guard running.count == 1, let pid = running.first else { return false }
                    return try ProcessTable.environment(of: pid).contains("ROUND=50")
                }
                #expect(!FileText.names(in: scenario.folder).contains("doubles"), "\(script.starts)")
                try daemon.awaitNoZombies()
                #expect(try daemon.stop() == .exited(0))
            }
        }

        private static func services(port: UInt16, command: String) -> String {
            """
              echo: { type: echo, listen: "127.0.0.1:\(port)" }
              program: { type: process, command: \(command) }
            """
        }
    }
}
