import ScenarioSupport
import Synchronization
import Testing

extension ReleaseBinary {
    /// Who may use a bridge, where to, and with which upstream it may run at all.
    @Suite struct Admissions {
        private final class Count: Sendable {
            private let count = Atomic(0)

            var value: Int { count.load(ordering: .relaxed) }

            func next() -> Int { count.add(1, ordering: .relaxed).newValue }
        }

        private static func status(of target: String, at bridge: UInt16) throws -> String {
            let client = try ClientSocket(to: bridge)
            try client.send("CONNECT \(target) HTTP/1.1\r\nHost: a.test\r\n\r\n")
            let head = try client.receiveHead()
            client.close()
            return String(head.split(separator: " ")[1])
        }

        @Test func `neither loopback nor metadata is reached, however it is written`() throws {
            try Scenario.run { scenario in
                let origin = try LoopbackServer.origin()
                let proxy = try NamedProxy("A", password: Canary.password)
                scenario.atEnd {
                    origin.stop()
                    proxy.stop()
                }
                let ports = try Ports.reserve(2)
                let keys = "probe: { mode: off }"
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        """
                          near: { type: proxy-bridge, listen: "127.0.0.1:\(ports[0])", upstream: direct }
                          far: { type: proxy-bridge, listen: "127.0.0.1:\(ports[1])", upstream: office, \(keys) }
                        """,
                        upstreams: BridgeLine.upstream(
                            "office",
                            "http://127.0.0.1:\(proxy.port)",
                            password: Canary.password
                        )
                    )
                )
                let denied = [
                    "127.0.0.1", "127.1", "0x7f.1", "2130706433", "017700000001", "localhost", "LOCALHOST.",
                    "a.localhost",
                    "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "169.254.169.254",
                    "metadata.google.internal",
                ]
                let malformed = ["localhost..", "127.0.0.1..", ".localhost", "a..localhost"]
                for port in ports {
                    for (hosts, status) in [(denied, "403"), (malformed, "400")] {
                        for host in hosts {
                            let answer = try Self.status(of: "\(host):\(origin.port)", at: port)
                            #expect(answer == status, "\(host)")
                        }
                    }
                    #expect(try Self.status(of: "127.0.0.1:\(port)", at: port) == "508")
                }
                #expect(origin.accepted == 0 && proxy.accepted == 0)
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `clients of HTTP and of SOCKS5 authenticate at the same port`() throws {
            try Scenario.run { scenario in
                let origin = try LoopbackServer.origin()
                scenario.atEnd { origin.stop() }
                let port = try Ports.reserve()
                let auth = ", auth: { username: \(Canary.user), password: \(Canary.password) }"
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(BridgeLine.service("bridge", port: port, upstream: "direct", auth))
                )
                let client = ClientProgram(folder: scenario.folder)
                func status(_ scheme: String, _ password: String?) throws -> String {
                    let user = password.map { "-U '\(Canary.user):\(Canary.percentEncoded($0))'" } ?? ""
                    return try client.shell(
                        "curl -s --max-time 10 --noproxy '' --proxy '\(scheme)://127.0.0.1:\(port)' \(user) "
                            + "-o /dev/null -w '%{http_code}' http://127.0.0.1:\(origin.port)/private || true"
                    )
                }
                for (scheme, refused) in [("http", "407"), ("socks5h", "000"), ("socks5", "000")] {
                    #expect(try status(scheme, Canary.password) == "200", "\(scheme)")
                    #expect(try status(scheme, Canary.rotatedPassword) == refused, "\(scheme)")
                    #expect(try status(scheme, nil) == refused, "\(scheme)")
                }
                #expect(origin.accepted == 3)
                #expect(try daemon.stop() == .exited(0))
                #expect(daemon.lines(containing: " request", "method=SOCKS5", "status=200").count == 2)
                // At the level info a record tells where to, and no more.
                #expect(!daemon.log.contains("/private"))
            }
        }

        @Test func `a credential that the upstream refuses is no start`() throws {
            try Scenario.run { scenario in
                let proxy = try NamedProxy("A", password: Canary.password)
                scenario.atEnd { proxy.stop() }
                let port = try Ports.reserve()
                let url = "http://127.0.0.1:\(proxy.port)"
                let configuration = ConfigurationText(
                    BridgeLine.service("bridge", port: port, upstream: "office", isProbed: true),
                    upstreams: BridgeLine.upstream("office", url, password: Canary.rotatedPassword)
                )
                let daemon = try scenario.daemon(configuration)
                #expect(try daemon.awaitExit() == .exited(69))
                let place = try configuration.position(of: "{ url: \"\(url)\"")
                let expected = "services.yaml:\(place): cannot use the upstream `office` for `bridge`: it refused the"
                #expect(daemon.log.contains(expected), "\(daemon.log)")
                #expect(!daemon.notifications.contains { $0.isReady })
                #expect(try Ports.isFree(port))
            }
        }

        @Test func `a probe that succeeds lets a bridge go on whose credential was refused`() throws {
            try Scenario.run { scenario in
                let count = Count()
                let proxy = try LoopbackServer { client in
                    _ = try client.receiveHead()
                    let status = count.next() == 1 ? "407 No" : "200 OK"
                    try client.send("HTTP/1.1 \(status)\r\n\r\n")
                    client.endSending()
                }
                scenario.atEnd { proxy.stop() }
                let port = try Ports.reserve()
                func configuration(_ probe: String) -> ConfigurationText {
                    ConfigurationText(
                        BridgeLine.service("bridge", port: port, upstream: "office", isProbed: true, probe),
                        upstreams: BridgeLine.upstream(
                            "office",
                            "http://127.0.0.1:\(proxy.port)",
                            password: Canary.password
                        )
                    )
                }
                let daemon = try scenario.readyDaemon(configuration(", probe: { mode: off }"))
                for _ in 1...2 { #expect(try Self.status(of: "a.test:443", at: port) == "502") }
                #expect(proxy.accepted == 1)
                #expect(try daemon.reload(configuration(", probe: { mode: auth }")).contains("reload applied"))
                #expect(try Self.status(of: "a.test:443", at: port) == "200")
                #expect(proxy.accepted == 3)
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `a wrong credential is shown by no request after its refusal, whichever bridge has it and where`()
            throws
        {
            try Scenario.run { scenario in
                let wrong = Canary.base64(Array("\(Canary.user):\(Canary.rotatedPassword)".utf8))
                let shown = Count()
                let proxy = try LoopbackServer { client in
                    let isWrong = try client.receiveHead().contains("Basic \(wrong)\r\n")
                    if isWrong { _ = shown.next() }
                    try client.send("HTTP/1.1 \(isWrong ? "407 No" : "200 OK")\r\nContent-Length: 0\r\n\r\n")
                    client.endSending()
                }
                scenario.atEnd { proxy.stop() }
                let ports = try Ports.reserve(4)
                func configuration(_ name: String, _ ports: [UInt16], _ password: String) -> ConfigurationText {
                    ConfigurationText(
                        ports.enumerated().map {
                            BridgeLine.service("\(name)\($0)", port: $1, upstream: "office\($0)")
                        }.joined(),
                        upstreams: (0..<3).map {
                            BridgeLine.upstream("office\($0)", "http://127.0.0.1:\(proxy.port)", password: password)
                        }.joined()
                    )
                }
                func burst(_ ports: [UInt16]) throws -> Set<String> {
                    let clients = try (0..<32).map { try ClientSocket(to: ports[$0 % ports.count]) }
                    for client in clients { try client.send("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test\r\n\r\n") }
                    defer { for client in clients { client.close() } }
                    return Set(try clients.map { String(try $0.receiveHead().split(separator: " ")[1]) })
                }
                let (initial, moved) = (Array(ports[0..<3]), [ports[3], ports[1], ports[2]])
                let daemon = try scenario.readyDaemon(configuration("a", initial, Canary.rotatedPassword))
                #expect(try burst(initial) == ["502"])
                // What was under way before the first refusal cannot be recalled.
                let first = shown.value
                #expect((1...32).contains(first), "\(first)")
                for _ in 1...3 { #expect(try burst(initial) == ["502"]) }
                #expect(shown.value == first)
                // Other services, one of them at another port.
                for name in ["a", "b"] {
                    let configuration = configuration(name, moved, Canary.rotatedPassword)
                    #expect(try daemon.reload(configuration).contains("reload applied"))
                    #expect(try burst(moved) == ["502"])
                    #expect(shown.value == first)
                }
                #expect(daemon.lines(containing: "cannot use upstream").count == first)
                #expect(try daemon.status(of: "b0").contains("the same credential was refused"))
                #expect(try daemon.reload(configuration("b", moved, Canary.password)).contains("reload applied"))
                #expect(try burst(moved) == ["200"])
                #expect(shown.value == first)
                #expect(try daemon.stop() == .exited(0))
            }
        }
    }
}
