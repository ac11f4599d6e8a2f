import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    @Suite struct Start {
        @Test func `a service is announced as ready when its address accepts`() throws {
            try Scenario.run { scenario in
                let ports = try Ports.reserve(3)
                let daemon = try scenario.daemon(
                    ConfigurationText(
                        """
                          echo: { type: echo, listen: ["127.0.0.1:\(ports[0])", "127.0.0.1:\(ports[1])"] }
                          web: { type: forward, listen: "127.0.0.1:\(ports[2])", to: "127.0.0.1:\(ports[0])" }
                        """
                    )
                )
                let ready = try daemon.awaitReady()
                #expect(ready.status == "generation 1: 2 services ready")
                for port in ports {
                    let client = try ClientSocket(to: port)
                    try client.echo("hello")
                }
                #expect(Set(try daemon.listeners.map(\.port)) == Set(ports))
                #expect(try daemon.stop() == .exited(0))
                for port in ports { #expect(try ConnectFailure.isRefused(port: port)) }
            }
        }

        @Test func `a start with a taken port exits with 69 and leaves nothing bound`() throws {
            try Scenario.run { scenario in
                let ports = try Ports.reserve(3)
                let foreign = try ForeignListener(port: ports[1], folder: scenario.folder)
                let configuration = ConfigurationText(
                    """
                      first: { type: echo, listen: "127.0.0.1:\(ports[0])" }
                      taken: { type: echo, listen: 127.0.0.1:\(ports[1]) }
                      last: { type: echo, listen: "127.0.0.1:\(ports[2])" }
                    """
                )
                let daemon = try scenario.daemon(configuration)
                #expect(try daemon.awaitExit() == .exited(69))
                let position = try configuration.position(of: "127.0.0.1:\(ports[1])")
                let expected =
                    "services.yaml:\(position): cannot bind 127.0.0.1:\(ports[1]): address already in use "
                    + "(errno 98, held by \(try foreign.command), pid \(foreign.pid))"
                #expect(daemon.log.contains(expected), "\(daemon.log)")
                #expect(!daemon.notifications.contains { $0.isReady })
                for port in [ports[0], ports[2]] {
                    #expect(try ConnectFailure.isRefused(port: port))
                    #expect(try Ports.isFree(port))
                }
            }
        }

        @Test func `a start reports every taken port, not only the first`() throws {
            try Scenario.run { scenario in
                let ports = try Ports.reserve(2)
                let holders = try ports.map { try ForeignListener(port: $0, folder: scenario.folder) }
                let daemon = try scenario.daemon(
                    ConfigurationText(
                        """
                          one: { type: echo, listen: "127.0.0.1:\(ports[0])" }
                          two: { type: echo, listen: "127.0.0.1:\(ports[1])" }
                        """
                    )
                )
                #expect(try daemon.awaitExit() == .exited(69))
                for (port, holder) in zip(ports, holders) {
                    #expect(daemon.log.contains("cannot bind 127.0.0.1:\(port)"), "\(daemon.log)")
                    #expect(daemon.log.contains("pid \(holder.pid)"), "\(daemon.log)")
                }
            }
        }

        @Test func `a broken configuration exits with 78 and reports all diagnostics`() throws {
            try Scenario.run { scenario in
                let ports = try Ports.reserve(2)
                let configuration = ConfigurationText(
                    """
                      fine: { type: echo, listen: "127.0.0.1:\(ports[0])" }
                      typo: { type: echo, listne: "127.0.0.1:\(ports[1])" }
                      range: { type: echo, listen: "127.0.0.1:99999" }
                      kind: { type: telnet, listen: "127.0.0.1:\(ports[1])" }
                      unit: { type: echo, listen: "127.0.0.1:\(ports[1])", idle_timeout: 10 }
                    """
                )
                let daemon = try scenario.daemon(configuration)
                #expect(try daemon.awaitExit() == .exited(78))
                for part in ["listne", "\"127.0.0.1:99999\"", "telnet", "10 }"] {
                    let position = try configuration.position(of: part)
                    #expect(daemon.log.contains("services.yaml:\(position): cannot"), "\(part): \(daemon.log)")
                }
                #expect(daemon.log.contains("`listen`"), "the nearest key is suggested: \(daemon.log)")
                #expect(!daemon.notifications.contains { $0.isReady })
                #expect(try Ports.isFree(ports[0]))
            }
        }

        @Test func `the quickstart example runs as it stands`() throws {
            let text = try Examples.named("quickstart.yaml", from: #filePath)
            try Scenario.run { scenario in
                let ports = text.matches(of: /listen:[^#\n]*?127\.0\.0\.1:([0-9]+)/).compactMap { UInt16($0.output.1) }
                try #require(!ports.isEmpty)
                for port in ports {
                    try #require(try Ports.isFree(port), "port \(port) of the example is taken on this machine")
                }
                let daemon = try scenario.daemon(text: text)
                try daemon.awaitReady()
                #expect(Set(try daemon.listeners.map(\.port)) == Set(ports))
                for port in ports {
                    let client = try ClientSocket(to: port)
                    client.close()
                }
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `the schema is a JSON document`() throws {
            try Scenario.run { scenario in
                let output = scenario.folder + "/schema"
                let status = try ChildProcess.run(
                    Command(DaemonProcess.binary(), ["schema"], outputPath: output, errorPath: output + ".err")
                )
                #expect(status == .exited(0))
                #expect(FileText.readIfPresent(output + ".err") == "")
                let parsed = try ChildProcess.run(
                    Command(Command.program("python3"), ["-m", "json.tool", output], outputPath: output + ".parsed")
                )
                #expect(parsed == .exited(0))
                #expect(try FileText.read(output).contains("proxy-bridge"))
            }
        }
    }
}
