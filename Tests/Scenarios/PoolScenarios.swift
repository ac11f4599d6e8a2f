import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    /// Bridges that share a pool of upstreams; each user of squid is one member.
    @Suite struct Pools {
        private static let passwords = [
            "alice": Canary.password, "bob": Canary.rotatedPassword, "carol": Canary.specialPassword,
        ]

        @Test func `each bridge of an exclusive pool has a member of its own, and keeps it over reload and restart`()
            throws
        {
            try Scenario.run { scenario in
                let origin = try LoopbackServer.origin()
                scenario.atEnd { origin.stop() }
                let squid = try SquidPeer(folder: scenario.subfolder("squid"), passwords: Self.passwords)
                scenario.atEnd { squid.stop() }
                let port = try Ports.reserve(inARow: 3)
                let curl = CurlClient(folder: scenario.folder)
                func users(_ path: String) throws -> [String] {
                    try (0..<3).map { index in
                        let url = "/\(path)\(index)"
                        let answer = try curl.get(
                            port: origin.port,
                            path: url,
                            through: port + UInt16(index),
                            tunnel: false
                        )
                        #expect(answer.status == 200, "\(answer)")
                        return try #require(squid.users(requesting: "http://127.0.0.1:\(origin.port)\(url)").first)
                    }
                }
                func configuration(_ limit: Int) -> ConfigurationText {
                    Self.configuration(squid, ["alice", "bob", "carol"], port: port, instances: 3, limit: limit)
                }
                let daemon = try scenario.readyDaemon(configuration(10))
                let first = try users("first")
                #expect(Set(first) == Set(Self.passwords.keys), "\(first)")
                #expect(try daemon.reload(configuration(20)).contains("reload applied"))
                #expect(try users("reloaded") == first)
                #expect(try daemon.stop() == .exited(0))
                let again = try scenario.readyDaemon(configuration(10))
                #expect(try users("again") == first, "a member is sticky to the name of its bridge")
                #expect(try again.stop() == .exited(0))
            }
        }

        @Test func `an exhausted pool is an error at the upstream of the bridge, and names who holds what`() throws {
            try Scenario.run { scenario in
                let squid = try SquidPeer(folder: scenario.subfolder("squid"), passwords: Self.passwords)
                scenario.atEnd { squid.stop() }
                let port = try Ports.reserve(inARow: 3)
                func configuration(_ instances: Int) -> ConfigurationText {
                    Self.configuration(squid, ["alice", "bob"], port: port, instances: instances)
                }
                let position = try configuration(3).position(of: "upstream:").split(separator: ":")
                let start = try scenario.daemon(configuration(3))
                #expect(try start.awaitExit() == .exited(69))
                let refused = try #require(start.lines(containing: "cannot allocate a member", "residential").first)
                #expect(refused.contains("services.yaml:\(position[0]):"), "\(refused)")
                for index in 0..<3 { #expect(try Ports.isFree(port + UInt16(index))) }

                let daemon = try scenario.readyDaemon(configuration(2))
                let (listeners, descriptors) = (try daemon.listeners, daemon.descriptors.count)
                let verdict = try daemon.reload(configuration(3))
                #expect(verdict.contains("reload rejected: services.yaml:\(position[0]):"), "\(verdict)")
                #expect(
                    verdict.contains("cannot allocate a member of the pool `residential` for `bridge@2`"),
                    "\(verdict)"
                )
                for holder in ["residential[0] by bridge@", "residential[1] by bridge@"] {
                    #expect(verdict.contains(holder), "\(verdict)")
                }
                #expect(try daemon.listeners == listeners)
                try daemon.awaitDescriptors(descriptors)
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test(arguments: ["shared", "round-robin"])
        func `a pool that is not exclusive serves more bridges than it has members`(allocation: String) throws {
            try Scenario.run { scenario in
                let origin = try LoopbackServer.origin()
                scenario.atEnd { origin.stop() }
                let squid = try SquidPeer(folder: scenario.subfolder("squid"), passwords: Self.passwords)
                scenario.atEnd { squid.stop() }
                let port = try Ports.reserve(inARow: 4)
                let text = Self.configuration(squid, ["alice", "bob"], port: port, instances: 4).text
                let daemon = try scenario.daemon(
                    text: text.replacing("allocation: exclusive", with: "allocation: \(allocation)")
                )
                try daemon.awaitReady()
                let curl = CurlClient(folder: scenario.folder)
                let users = try (0..<4).map { index in
                    let port = port + UInt16(index)
                    let answer = try curl.get(port: origin.port, path: "/\(index)", through: port, tunnel: false)
                    #expect(answer.status == 200, "\(answer)")
                    return try #require(squid.users(requesting: "http://127.0.0.1:\(origin.port)/\(index)").first)
                }
                #expect(Set(users).isSubset(of: ["alice", "bob"]), "\(users)")
                if allocation == "round-robin" { #expect(users.count { $0 == "alice" } == 2, "\(users)") }
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `the credential of a member changes live`() throws {
            try Scenario.run { scenario in
                let origin = try LoopbackServer.origin()
                scenario.atEnd { origin.stop() }
                let squid = try SquidPeer(folder: scenario.subfolder("squid"), passwords: ["alice": Canary.password])
                scenario.atEnd { squid.stop() }
                let port = try Ports.reserve()
                let secret = scenario.folder + "/secret"
                try FileText.write(Canary.password, to: secret)
                let configuration = Self.configuration(squid, ["alice"], port: port, instances: 1, secret: secret)
                let daemon = try scenario.readyDaemon(configuration)
                let listeners = try daemon.listeners
                let curl = CurlClient(folder: scenario.folder)
                #expect(try curl.get(port: origin.port, through: port, tunnel: true).status == 200)
                try squid.rotate(to: ["alice": Canary.specialPassword])
                try Facts.wait(for: "squid refuses the old password") {
                    try curl.get(port: origin.port, through: port, tunnel: true).connectStatus == 502
                }
                try FileText.write(Canary.specialPassword, to: secret)
                let verdict = try daemon.reload()
                #expect(verdict.contains("reload applied"), "\(verdict)")
                #expect(try curl.get(port: origin.port, through: port, tunnel: true).status == 200)
                #expect(try daemon.listeners == listeners)
                #expect(try daemon.stop() == .exited(0))
            }
        }

        private static func configuration(
            _ squid: SquidPeer,
            _ users: [String],
            port: UInt16,
            instances: Int,
            limit: Int = 100,
            secret: String? = nil
        ) -> ConfigurationText {
            let members = users.map { user in
                let password = secret.map { "${file:\($0)}" } ?? passwords[user] ?? ""
                return
                    "      - { url: \"http://127.0.0.1:\(squid.port)\", username: \(user), password: \"\(password)\" }"
            }
            return ConfigurationText(
                """
                  bridge:
                    type: proxy-bridge
                    instances: \(instances)
                    listen: "127.0.0.1:${\(port) + instance}"
                    upstream: { pool: residential }
                    \(ConfigurationText.loopbackPolicy)
                    max_connections: \(limit)
                """,
                pools: "  residential:\n    allocation: exclusive\n    members:\n" + members.joined(separator: "\n")
            )
        }
    }
}
