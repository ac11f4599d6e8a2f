import ScenarioSupport
import Testing

extension ReleaseBinary {
    /// The listening sockets outlive the daemon: whoever connects meanwhile waits, and nobody is refused.
    @Suite struct Handover {
        @Test func `a daemon that is restarted by a manager with a store refuses no connection`() throws {
            try Scenario.run { scenario in
                let ports = try Ports.reserve(2)
                let path = scenario.folder + "/echo.sock"
                let first = """
                      one: { type: echo, listen: ["127.0.0.1:\(ports[0])", "unix:\(path)", "udp:127.0.0.1:\(ports[0])"] }
                      two: { type: echo, listen: "127.0.0.1:\(ports[1])" }
                      any: { type: echo, listen: "127.0.0.1:0" }
                    """
                let last = "  other: { type: echo, listen: [\"127.0.0.1:\(ports[0])\", \"unix:\(path)\"] }"
                try FileText.write(ConfigurationText(first).text, to: scenario.folder + "/services.yaml")
                try FileText.write(ConfigurationText(last).text, to: scenario.folder + "/next.yaml")
                let manager = ServiceManager(folder: scenario.folder)
                let report = try manager.run(
                    """
                    start load 127.0.0.1:\(ports[0]) load \(path) count 200 term start count 200 kill start count 200 \
                    configure next.yaml term start count 200 rest term
                    """
                )
                #expect(report["failed"] == 0, "\(manager.log.suffix(3000))")
                #expect(report["connects"] >= 800)
                #expect(report["stored"] == 3, "the two of the last configuration and the control socket")
                #expect(report["removed"] == 2, "those that it does not want")
                #expect(try Ports.isFree(ports[1]))
            }
        }
    }
}
