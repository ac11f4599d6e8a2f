import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    /// Services that the rest can do without.
    @Suite struct Degraded {
        @Test func `a service that is not essential starts degraded and serves when its port is free`() throws {
            try Scenario.run { scenario in
                let ports = try Ports.reserve(3)
                let foreign = try ForeignListener(port: ports[1], folder: scenario.folder)
                let services = """
                      echo: { type: echo, listen: "127.0.0.1:\(ports[0])" }
                      late:
                        type: echo
                        listen: "127.0.0.1:\(ports[1])"
                        essential: false
                        restart: { backoff: { initial: 20ms, max: 100ms }, intensity: 2 }
                    """
                let daemon = try scenario.readyDaemon(ConfigurationText(services))
                let echo = try scenario.steadyEcho(port: ports[0])
                // Longer than its intensity would allow: a bind is tried for ever.
                Facts.pace(milliseconds: 1000)
                let status = try daemon.status(of: "late")
                #expect(status.contains("backing-off"), "\(status)")
                #expect(status.contains("cannot bind 127.0.0.1:\(ports[1])"), "\(status)")
                let descriptors = daemon.descriptors.count
                Facts.pace(milliseconds: 500)
                try daemon.awaitDescriptors(descriptors)

                let more = services + "\n  more: { type: echo, listen: \"127.0.0.1:\(ports[2])\" }"
                let verdict = try daemon.reload(ConfigurationText(more))
                #expect(verdict.contains("reload applied"), "\(verdict)")
                let client = try ClientSocket(to: ports[2])
                try client.echo("the reload works")

                foreign.release()
                try daemon.awaitStatus(of: "late", containing: " ready ")
                let late = try ClientSocket(to: ports[1])
                try late.echo("late")
                for socket in [client, late] { socket.close() }
                try echo.awaitProgress()
                try echo.stop()
                #expect(try daemon.stop() == .exited(0))
                for port in ports { #expect(try Ports.isFree(port)) }
            }
        }

        @Test func `a shutdown does not wait for a service that is backing off`() throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let foreign = try ForeignListener(port: port, folder: scenario.folder)
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        """
                          fine: { type: echo, listen: "127.0.0.1:0" }
                          late: { type: echo, listen: "127.0.0.1:\(port)", essential: false,
                                  restart: { backoff: { initial: 30s } } }
                        """
                    )
                )
                daemon.send(SIGTERM)
                #expect(try daemon.awaitExit(within: .seconds(3)) == .exited(0))
                foreign.release()
            }
        }

        @Test func `a program that disappears while it is restarted is tried until it is back`() throws {
            try Scenario.run { scenario in
                let script = try scenario.sleeper("program")
                let path = scenario.folder + "/starter"
                func install() throws {
                    try FileText.write("#!/bin/sh\nexec /bin/sh \(scenario.folder)/program\n", to: path + ".new")
                    chmod(path + ".new", 0o755)
                    rename(path + ".new", path)
                }
                try install()
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        """
                          program:
                            type: process
                            command: [\(path)]
                            essential: false
                            restart: { backoff: { initial: 20ms, max: 100ms }, intensity: 2 }
                        """
                    )
                )
                try script.awaitStart()
                unlink(path)
                try script.kill()
                try daemon.awaitStatus(of: "program", containing: "backing-off")
                Facts.pace(milliseconds: 500)
                try install()
                try script.awaitStart(2)
                try daemon.awaitStatus(of: "program", containing: " ready ")
                #expect(try daemon.stop() == .exited(0))
            }
        }
    }
}
