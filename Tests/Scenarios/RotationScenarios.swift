import Glibc
import ScenarioSupport
import Testing

/// How the configuration names the credential.
enum CredentialSource: Sendable, CaseIterable {
    case inConfiguration
    case inFile
}

/// The real proxy that stands upstream.
enum UpstreamKind: Sendable, CaseIterable {
    case tinyproxy
    case squid

    func start(in folder: String, password: String) throws -> any UpstreamPeer {
        switch self {
        case .tinyproxy: try TinyproxyPeer(folder: folder, password: password)
        case .squid: try SquidPeer(folder: folder, password: password)
        }
    }

    /// Two passwords, as special as the proxy's own configuration admits.
    var passwords: (first: String, second: String) {
        switch self {
        case .tinyproxy: (Canary.password, Canary.rotatedPassword)
        case .squid: (Canary.specialPassword, Canary.rotatedSpecialPassword)
        }
    }
}

extension ReleaseBinary {
    @Suite struct Rotation {
        @Test(arguments: UpstreamKind.allCases, CredentialSource.allCases)
        func `after a rotation and a reload the next request works, and no 407 ever reaches the client`(
            kind: UpstreamKind,
            source: CredentialSource
        ) throws {
            try Scenario.run { scenario in
                let origin = try LoopbackServer.origin()
                scenario.atEnd { origin.stop() }
                let (first, second) = kind.passwords
                let peer = try kind.start(in: scenario.subfolder("peer"), password: first)
                scenario.atEnd { peer.stop() }
                let port = try Ports.reserve()
                let secret = scenario.folder + "/secret"
                try FileText.write(first, to: secret)

                let daemon = try scenario.readyDaemon(
                    Self.configuration(port: port, peer: peer, source: source, password: first, secret: secret)
                )
                let listener = try daemon.listeners(at: port)
                let curl = CurlClient(folder: scenario.folder)
                try Self.expectService(curl, origin: origin.port, bridge: port)

                try peer.rotate(to: second)
                try Self.expectRotated(curl, origin: origin.port, peer: peer, from: first, to: second)
                for tunnel in [true, false] {
                    let refused = try curl.get(port: origin.port, through: port, tunnel: tunnel)
                    #expect((tunnel ? refused.connectStatus : refused.status) == 502, "\(refused)")
                    #expect(!refused.heads.contains("407") || refused.heads.contains("received-status=407"))
                    #expect(refused.heads.lowercased().contains("proxy-status:"), "\(refused.heads)")
                    #expect(!refused.heads.lowercased().contains("proxy-authenticate"), "\(refused.heads)")
                }

                try FileText.write(second, to: secret)
                let verdict = try daemon.reload(
                    Self.configuration(port: port, peer: peer, source: source, password: second, secret: secret)
                )
                #expect(verdict.hasPrefix("generation 2: reload applied"), "\(verdict)")
                try Self.expectService(curl, origin: origin.port, bridge: port)
                #expect(try daemon.listeners(at: port) == listener)
                #expect(try daemon.stop() == .exited(0))
            }
        }

        private static func configuration(
            port: UInt16,
            peer: any UpstreamPeer,
            source: CredentialSource,
            password: String,
            secret: String
        ) -> ConfigurationText {
            let value =
                switch source {
                case .inConfiguration: password
                case .inFile: "${file:\(secret)}"
                }
            let url = "http://127.0.0.1:\(peer.port)"
            let policy = ConfigurationText.loopbackPolicy
            return ConfigurationText(
                "  bridge: { type: proxy-bridge, listen: \"127.0.0.1:\(port)\", upstream: office, \(policy) }",
                upstreams: "  office: { url: \"\(url)\", username: \(Canary.user), password: \"\(value)\" }"
            )
        }

        /// A request of each form passes, with the origin's answer and nothing of the upstream's.
        private static func expectService(_ curl: CurlClient, origin: UInt16, bridge: UInt16) throws {
            for tunnel in [true, false] {
                let answer = try curl.get(port: origin, through: bridge, tunnel: tunnel)
                #expect(answer.exitCode == 0 && answer.status == 200 && answer.body == "origin\n", "\(answer)")
                #expect(answer.connectStatus == (tunnel ? 200 : 0), "\(answer)")
                #expect(!answer.heads.contains("407"), "\(answer.heads)")
            }
        }

        /// The upstream itself refuses the old credential and takes the new one.
        private static func expectRotated(
            _ curl: CurlClient,
            origin: UInt16,
            peer: any UpstreamPeer,
            from old: String,
            to new: String
        ) throws {
            try Facts.wait(for: "the upstream refuses the old password") {
                try curl.get(port: origin, through: peer.port, tunnel: true, password: old)
                    .connectStatus == peer.refusal
            }
            try Facts.wait(for: "the upstream takes the new password") {
                try curl.get(port: origin, through: peer.port, tunnel: true, password: new)
                    .status == 200
            }
        }
    }
}
