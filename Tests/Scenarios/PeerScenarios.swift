import ScenarioSupport
import Testing

/// The real proxies of which a bridge can be a client.
enum RealUpstream: Sendable, CaseIterable {
    case squid
    case tinyproxy
    case tinyproxyOverTLS
    case dante
    case microsocks

    /// Those whose kind a bridge knows: a kind is switched on where it is named here.
    static let served: [RealUpstream] = allCases

    /// As special as the proxy's own configuration admits.
    var password: String {
        switch self {
        case .squid, .dante, .microsocks: Canary.specialPassword
        case .tinyproxy, .tinyproxyOverTLS: Canary.password
        }
    }

    /// What the bridge says to CONNECT when the upstream refuses the credential: the error of its `Proxy-Status`.
    var refusal: String {
        switch self {
        case .squid: "proxy_configuration_error; received-status=407"
        case .tinyproxy, .tinyproxyOverTLS: "proxy_configuration_error; received-status=401"
        case .dante, .microsocks: "proxy_configuration_error"
        }
    }

    /// What the first plain request gets.
    ///
    /// tinyproxy's 401 could be the origin's, so it passes.
    var plainRefusal: Int {
        switch self {
        case .squid, .dante, .microsocks: 502
        case .tinyproxy, .tinyproxyOverTLS: 401
        }
    }

    /// Starts the proxy.
    ///
    /// - Returns: Its URL, and more keys of an upstream.
    func start(in scenario: Scenario) throws -> (url: String, keys: String) {
        let folder = try scenario.subfolder("peer")
        switch self {
        case .squid:
            let peer = try SquidPeer(folder: folder, password: password)
            scenario.atEnd { peer.stop() }
            return ("http://127.0.0.1:\(peer.port)", "")
        case .tinyproxy, .tinyproxyOverTLS:
            let peer = try TinyproxyPeer(folder: folder, password: password)
            scenario.atEnd { peer.stop() }
            guard self == .tinyproxyOverTLS else { return ("http://127.0.0.1:\(peer.port)", "") }
            let front = try TLSFront(folder: scenario.subfolder("front"), to: peer.port)
            scenario.atEnd { front.stop() }
            return ("https://localhost:\(front.port)", ", ca_file: \(front.certificate)")
        case .dante:
            let peer = try DantePeer(folder: folder, password: password)
            scenario.atEnd { peer.stop() }
            return ("socks5h://127.0.0.1:\(peer.port)", "")
        case .microsocks:
            let peer = try MicrosocksPeer(folder: folder, password: password)
            scenario.atEnd { peer.stop() }
            return ("socks5://127.0.0.1:\(peer.port)", "")
        }
    }
}

extension ReleaseBinary {
    /// The columns of the matrix that real proxies can show: a good and a wrong credential.
    @Suite struct Peers {
        @Test(arguments: RealUpstream.allCases)
        func `each peer takes the right credential, and no other`(upstream: RealUpstream) throws {
            try Scenario.run { scenario in
                let origin = try LoopbackServer.origin()
                scenario.atEnd { origin.stop() }
                let (url, _) = try upstream.start(in: scenario)
                let client = ClientProgram(folder: scenario.folder)
                func status(_ password: String) throws -> String {
                    // A tunnel in each case, as SOCKS makes it; whether curl is content is told by what it got.
                    try client.shell(
                        "curl -sp --max-time 10 --noproxy '' --proxy-insecure --proxy '\(url)' -o /dev/null "
                            + "-w '%{http_code}' -U '\(Canary.user):\(Canary.percentEncoded(password))' "
                            + "http://127.0.0.1:\(origin.port)/ || true"
                    )
                }
                #expect(try status(upstream.password) == "200")
                #expect(try status(Canary.rotatedPassword) == "000")
                #expect(origin.accepted == 1)
            }
        }

        @Test(arguments: RealUpstream.served)
        func `a real upstream serves the right credential, and the wrong one is told without its words`(
            upstream: RealUpstream
        ) throws {
            try Scenario.run { scenario in
                let origin = try LoopbackServer.origin()
                scenario.atEnd { origin.stop() }
                let (url, keys) = try upstream.start(in: scenario)
                let ports = try Ports.reserve(2)
                func configuration(_ more: String = "") -> ConfigurationText {
                    ConfigurationText(
                        BridgeLine.service("right", port: ports[0], upstream: "right", more)
                            + BridgeLine.service("wrong", port: ports[1], upstream: "wrong", more),
                        upstreams: BridgeLine.upstream("right", url, password: upstream.password, keys)
                            + BridgeLine.upstream("wrong", url, password: Canary.rotatedPassword, keys)
                    )
                }
                let daemon = try scenario.readyDaemon(configuration())
                let descriptors = daemon.descriptors.count
                let curl = CurlClient(folder: scenario.folder)
                func expectService() throws {
                    for tunnel in [true, false] {
                        let answer = try curl.get(port: origin.port, through: ports[0], tunnel: tunnel)
                        #expect(answer.exitCode == 0 && answer.status == 200 && answer.body == "origin\n", "\(answer)")
                        #expect(answer.connectStatus == (tunnel ? 200 : 0), "\(answer)")
                    }
                }
                try expectService()
                let served = origin.accepted
                let plain = try curl.get(port: origin.port, through: ports[1], tunnel: false)
                #expect(plain.status == upstream.plainRefusal, "\(plain)")
                for tunnel in [true, false] {
                    let answer = try curl.get(port: origin.port, through: ports[1], tunnel: tunnel)
                    #expect((tunnel ? answer.connectStatus : answer.status) == 502, "\(answer)")
                    #expect(answer.heads.contains("Proxy-Status: wrong; error=\(upstream.refusal)\r\n"), "\(answer)")
                    #expect(!answer.heads.lowercased().contains("authenticate"), "\(answer)")
                    #expect(Canary.leaks(in: answer.heads + answer.body).isEmpty, "\(answer)")
                }
                #expect(origin.accepted == served, "no request went around the upstream")
                try expectService()
                #expect(try daemon.reload(configuration(BridgeLine.nextGeneration)).contains("applied"))
                try daemon.awaitDescriptors(descriptors)
                #expect(try daemon.stop() == .exited(0))
                #expect(daemon.lines(containing: " request", "bridge=right").count == 4)
                #expect(daemon.lines(containing: " request", "bridge=wrong").count == 3)
            }
        }
    }
}
