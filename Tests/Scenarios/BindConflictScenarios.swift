import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    @Suite struct BindConflict {
        @Test func `a reload onto a foreign port is rejected with position, errno and holder, and changes nothing`()
            throws
        {
            try Scenario.run { scenario in
                let ports = try Ports.reserve(3)
                let before = ConfigurationText("  echo: { type: echo, listen: \"127.0.0.1:\(ports[0])\" }")
                let after = ConfigurationText(
                    """
                      echo: { type: echo, listen: "127.0.0.1:\(ports[0])" }
                      fine: { type: echo, listen: "127.0.0.1:\(ports[1])" }
                      taken: { type: echo, listen: 127.0.0.1:\(ports[2]) }
                    """
                )
                let foreign = try ForeignListener(port: ports[2], folder: scenario.folder)
                let daemon = try scenario.readyDaemon(before)
                let echo = try scenario.steadyEcho(port: ports[0])
                let (listeners, descriptors) = (try daemon.listeners, daemon.descriptors.count)

                let verdict = try daemon.reload(after)
                let expected =
                    "services.yaml:\(try after.position(of: "127.0.0.1:\(ports[2])")): cannot bind "
                    + "127.0.0.1:\(ports[2]): address already in use "
                    + "(errno 98, held by \(try foreign.command), pid \(foreign.pid))"
                #expect(verdict.contains("reload rejected: \(expected)"), "\(verdict)")
                try daemon.awaitLog(containing: expected)
                #expect(try daemon.listeners == listeners)
                #expect(daemon.process.statusIfEnded() == nil)
                #expect(try ConnectFailure.isRefused(port: ports[1]))
                try daemon.awaitDescriptors(descriptors)
                try echo.awaitProgress()

                foreign.release()
                let second = try daemon.reload()
                #expect(second.hasPrefix("generation 2: reload applied"), "\(second)")
                for port in ports {
                    let client = try ClientSocket(to: port)
                    try client.echo("hello")
                }
                #expect(try daemon.listeners.isSuperset(of: listeners))
                try echo.awaitProgress()
                try echo.stop()
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `a broken file is rejected by the reload and the services go on`() throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let good = ConfigurationText("  echo: { type: echo, listen: \"127.0.0.1:\(port)\" }")
                let bad = ConfigurationText("  echo: { type: echo, listne: \"127.0.0.1:\(port)\" }")
                let daemon = try scenario.readyDaemon(good)
                let echo = try scenario.steadyEcho(port: port)
                let (listeners, descriptors) = (try daemon.listeners, daemon.descriptors.count)

                let verdict = try daemon.reload(bad)
                let position = try bad.position(of: "listne")
                #expect(verdict.contains("reload rejected: services.yaml:\(position): cannot"), "\(verdict)")
                #expect(try daemon.listeners == listeners)
                try daemon.awaitDescriptors(descriptors)
                let unchanged = try daemon.reload(good)
                #expect(unchanged.hasPrefix("generation 1: reload unchanged"), "\(unchanged)")
                #expect(try daemon.listeners == listeners)
                try echo.awaitProgress()
                try echo.stop()
                #expect(try daemon.stop() == .exited(0))
            }
        }
    }
}
