import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    @Suite struct Signals {
        @Test func `fifty SIGHUPs in one second coalesce, and the last configuration is in effect`() throws {
            try Scenario.run { scenario in
                let ports = try Ports.reserve(3)
                let configurations = (0..<3).map { count in
                    ConfigurationText(
                        (0...count).map { "  echo\($0): { type: echo, listen: \"127.0.0.1:\(ports[$0])\" }" }
                            .joined(separator: "\n")
                    )
                }
                let daemon = try scenario.readyDaemon(configurations[0])
                // There and back once: what a process opens once for its whole life is open before it is counted.
                for configuration in [configurations[1], configurations[0]] {
                    #expect(try daemon.reload(configuration).contains("reload applied"))
                }
                // A removed address closes when its service has accepted its queue: after the verdict.
                try Facts.wait(for: "the removed address is closed") { try daemon.listeners.count == 1 }
                let reloadsBefore = daemon.notifications.count(where: \.isReloading)
                let (listeners, descriptors) = (try daemon.listeners, daemon.descriptors.count)
                let echo = try scenario.steadyEcho(port: ports[0])
                for index in 0..<50 {
                    if index == 20 { try daemon.configure(configurations[1]) }
                    if index == 49 { try daemon.configure(configurations[2]) }
                    daemon.send(SIGHUP)
                    Facts.pace(milliseconds: 20)
                }
                try Facts.wait(for: "the last configuration is in effect and every reload has its verdict") {
                    let messages = daemon.notifications
                    return try daemon.listeners.count == 3
                        && messages.count(where: \.isReloading) == messages.count(where: \.isReady) - 1
                }
                let reloads = daemon.notifications.count(where: \.isReloading)
                #expect((2...51).contains(reloads - reloadsBefore))
                for port in ports {
                    let client = try ClientSocket(to: port)
                    try client.echo("hello")
                }
                #expect(try daemon.listeners.isSuperset(of: listeners))
                try echo.awaitProgress()
                try echo.stop()

                #expect(try daemon.reload().contains("reload unchanged"))
                #expect(try daemon.reload(configurations[0]).contains("reload applied"))
                try Facts.wait(for: "the removed addresses are closed") { try daemon.listeners == listeners }
                try daemon.awaitDescriptors(descriptors)
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `a SIGHUP during the shutdown is ignored`() throws {
            try Scenario.run { scenario in
                let ports = try Ports.reserve(2)
                let before = ConfigurationText(
                    "  echo: { type: echo, listen: \"127.0.0.1:\(ports[0])\" }",
                    drain: "20s"
                )
                let after = ConfigurationText("  echo: { type: echo, listen: \"127.0.0.1:\(ports[1])\" }", drain: "20s")
                let daemon = try scenario.readyDaemon(before)
                let client = try ClientSocket(to: ports[0])
                try client.echo("before")
                daemon.send(SIGTERM)
                try daemon.awaitStopping()
                try daemon.awaitListenersClosed()
                #expect(try ConnectFailure.isRefused(port: ports[0]))
                try daemon.configure(after)
                for _ in 0..<10 { daemon.send(SIGHUP) }
                // The open connection still works after the signals have been handled.
                for index in 0..<20 { try client.echo("still open \(index)") }
                #expect(try ConnectFailure.isRefused(port: ports[1]))
                client.close()
                #expect(try daemon.awaitExit() == .exited(0))
                let messages = daemon.notifications
                #expect(!messages.contains { $0.isReloading }, "\(messages)")
                #expect(messages.count(where: \.isReady) == 1, "\(messages)")
            }
        }

        @Test func `a SIGTERM during the staging rolls back and shuts down`() throws {
            let services = (0..<500).map { "  many\($0): { type: echo, listen: \"127.0.0.1:0\" }" }
            for delay in 0..<20 {
                try Scenario.run { scenario in
                    let port = try Ports.reserve()
                    let echo = "  echo: { type: echo, listen: \"127.0.0.1:\(port)\" }"
                    let daemon = try scenario.readyDaemon(ConfigurationText(echo))
                    try daemon.configure(ConfigurationText(([echo] + services).joined(separator: "\n")))
                    daemon.send(SIGHUP)
                    // From back to back to well inside, or after, the staging.
                    if delay > 0 { Facts.pace(milliseconds: Int32(delay) * 2) }
                    daemon.send(SIGTERM)
                    #expect(try daemon.awaitExit() == .exited(0), "after \(delay * 2) ms")
                    #expect(daemon.notifications.contains { $0.isStopping })
                    #expect(try Ports.isFree(port))
                }
            }
        }

        @Test func `five hundred services start, take a reload and stop`() throws {
            let services = (0..<500).map { "  many\($0): { type: echo, listen: \"127.0.0.1:0\" }" }
            try Scenario.run { scenario in
                let daemon = try scenario.readyDaemon(ConfigurationText(services.joined(separator: "\n")))
                let (listeners, descriptors) = (try daemon.listeners, daemon.descriptors.count)
                #expect(listeners.count == 500)
                #expect(try daemon.reload().contains("reload unchanged"))
                let fewer = ConfigurationText(services.dropLast(400).joined(separator: "\n"))
                #expect(try daemon.reload(fewer).contains("reload applied"))
                try Facts.wait(for: "400 listeners are closed") { try daemon.listeners.count == 100 }
                #expect(try daemon.listeners.isSubset(of: listeners), "a kept service keeps the port the kernel chose")
                #expect(daemon.descriptors.count <= descriptors - 400)
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `a SIGUSR1 is answered whatever the level of the log, with the port that the kernel chose`() throws {
            try Scenario.run { scenario in
                let text = ConfigurationText("  chatter: { type: echo, listen: 127.0.0.1:0 }").text
                let daemon = try scenario.daemon(text: text.replacing("level: info", with: "level: error"))
                try daemon.awaitReady()
                let port = try #require(try daemon.listeners.first).port
                daemon.send(SIGUSR1)
                try daemon.awaitLog(containing: "status chatter ready")
                #expect(daemon.log.contains("on 127.0.0.1:\(port) connections 0"), "\(daemon.log)")
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `a SIGUSR1 logs the status and disturbs nothing`() throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let daemon = try scenario.readyDaemon(
                    ConfigurationText("  chatter: { type: echo, listen: \"127.0.0.1:\(port)\" }")
                )
                let before = daemon.log
                daemon.send(SIGUSR1)
                try Facts.wait(for: "the log shows the status of the service") {
                    daemon.log.dropFirst(before.count).contains("chatter")
                }
                let client = try ClientSocket(to: port)
                try client.echo("hello")
                client.close()
                #expect(try daemon.stop() == .exited(0))
            }
        }
    }
}
