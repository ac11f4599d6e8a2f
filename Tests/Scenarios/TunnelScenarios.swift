import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    /// Very many tunnels that do nothing.
    @Suite struct Tunnels {
        /// Two descriptors for each in the daemon, which may have 20,000.
        private static let count = 5000
        /// Both sockets of a tunnel, and what is kept for it; far below what one buffer for each side would take.
        private static let bytesPerTunnel = 32 * 1024

        @Test func `five thousand idle tunnels cost little each, and nothing is left of them`() throws {
            try Scenario.run { scenario in
                let proxyPort = try Ports.reserve()
                let port = try Ports.reserve()
                let peer = try Self.start("proxy", Self.proxy, ["\(proxyPort)"], in: scenario)
                try Facts.wait(for: "the proxy accepts") { try !ConnectFailure.isRefused(port: proxyPort) }
                let url = "http://127.0.0.1:\(proxyPort)"
                func configuration(_ services: String) -> ConfigurationText {
                    ConfigurationText(
                        services + "  other: { type: echo, listen: \"127.0.0.1:0\" }",
                        upstreams: BridgeLine.upstream("office", url, password: Canary.password),
                        drain: "1s"
                    )
                }
                let keys = ", max_connections: \(Self.count + 100)"
                let bridge = BridgeLine.service("bridge", port: port, upstream: "office", keys)
                let daemon = try scenario.readyDaemon(configuration(bridge))
                let descriptors = daemon.descriptors.count
                let before = try Self.resident(daemon)

                let client = try Self.start("client", Self.client, ["\(port)", "\(Self.count)"], in: scenario)
                try Facts.wait(for: "\(Self.count) tunnels are open", within: .seconds(60)) {
                    guard client.statusIfEnded() == nil else {
                        throw ScenarioFailure(
                            "cannot open: \(FileText.readIfPresent(scenario.folder + "/client.out") ?? "")"
                        )
                    }
                    return FileText.readIfPresent(scenario.folder + "/client.out") == "open\n"
                }
                #expect(daemon.descriptors.count == descriptors + 2 * Self.count)
                let each = try (Self.resident(daemon) - before) / Self.count
                print("an idle tunnel takes \(each) bytes of resident memory (\(Self.count) tunnels)")
                #expect(each < Self.bytesPerTunnel)

                // Without the bridge: its tunnels have a second to end, then they are cut.
                #expect(try daemon.reload(configuration("")).contains("reload applied"))
                // The bridge's own socket is gone as well, with its duplicate for each loop that accepts.
                try Facts.wait(for: "no tunnel is left", within: .seconds(20)) {
                    daemon.descriptors.count < descriptors
                }
                #expect(client.statusIfEnded() == nil || client.statusIfEnded() == .exited(0))
                #expect(try client.waitForExit(within: .seconds(20)) == .exited(0), "each client saw its end")
                try Facts.wait(for: "each tunnel has its record", within: .seconds(20)) {
                    daemon.lines(containing: " request", "bridge=bridge", "status=200").count == Self.count
                }
                #expect(try daemon.stop() == .exited(0))
                peer.kill()
            }
        }

        private static func resident(_ daemon: DaemonProcess) throws -> Int {
            let field = try ProcessTable.field("VmRSS", of: daemon.pid)
            return Int(field.prefix { $0.isNumber }).map { $0 * 1024 } ?? 0
        }

        private static func start(
            _ name: String,
            _ text: String,
            _ arguments: [String],
            in scenario: Scenario
        ) throws -> ChildProcess {
            let path = "\(scenario.folder)/\(name).py"
            try FileText.write(text + "\n", to: path)
            let output = "\(scenario.folder)/\(name).out"
            let process = try ChildProcess(
                Command(Command.program("python3"), [path] + arguments, outputPath: output, errorPath: output)
            )
            scenario.atEnd { process.kill() }
            return process
        }

        /// As many descriptors as the kernel allows, then a loop.
        private static let head = """
            import asyncio, resource, sys
            limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))

            """

        private static let proxy =
            head + """
                async def serve(reader, writer):
                    try:
                        if await reader.readuntil(b"\\r\\n\\r\\n"):
                            writer.write(b"HTTP/1.1 200 OK\\r\\n\\r\\n")
                            await reader.read()
                    except (asyncio.IncompleteReadError, ConnectionError): pass
                    writer.close()

                async def main():
                    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]), backlog=4096)
                    await server.serve_forever()

                asyncio.run(main())
                """

        private static let client =
            head + """
                async def tunnel():
                    reader, writer = await asyncio.open_connection("127.0.0.1", int(sys.argv[1]))
                    writer.write(b"CONNECT a.test:443 HTTP/1.1\\r\\nHost: a.test:443\\r\\n\\r\\n")
                    head = await reader.readuntil(b"\\r\\n\\r\\n")
                    assert head.startswith(b"HTTP/1.1 200 "), head
                    return reader, writer

                async def end(reader, writer):
                    try: await reader.read()
                    except ConnectionError: pass
                    writer.close()

                async def main():
                    tunnels = []
                    for _ in range(int(sys.argv[2]) // 100):
                        tunnels += await asyncio.gather(*[tunnel() for _ in range(100)])
                    print("open", flush=True)
                    await asyncio.gather(*[end(*ends) for ends in tunnels])

                asyncio.run(main())
                """
    }
}
