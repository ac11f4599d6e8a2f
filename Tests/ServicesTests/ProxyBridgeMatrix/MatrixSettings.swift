import ServiceConfiguration

/// The settings of the bridges in the matrix and its neighbours.
enum MatrixSettings {
    static let user = "c4nary-user"
    /// Two that the upstream takes, and one that it does not.
    static let passwords = ["c4nary:p@ss%41 one", "c4nary:p@ss%41 two"]
    static let wrongPassword = "c4nary:p@ss%41 bad"
    /// What the client itself says to its proxy, and nobody else may hear.
    static let ofClient = "Proxy-Authorization: Basic YzRuYXJ5OmNsaWVudA==\r\n"

    /// Small enough for a test that waits for it, for those that wait for nothing the defaults stay.
    static let short = Duration.milliseconds(60)

    /// What must appear nowhere.
    static var canaries: [String] {
        let pairs = (passwords + [wrongPassword]).map { Base64Text.of("\(user):\($0)") }
        return ["c4nary", "YzRuYXJ5"] + pairs
    }

    static func through(_ kind: MatrixKind, port: Int, password: String, isShort: Bool = false) -> BridgeSettings {
        let credential = Credential(username: Secret(user), password: Secret(password))
        func proxy(_ scheme: UpstreamScheme) -> UpstreamSettings {
            let port = UInt16(port)
            var proxy = UpstreamProxy(
                id: "office",
                scheme: scheme,
                host: "127.0.0.1",
                port: port,
                credential: credential
            )
            proxy.tls?.authorities = Array(MatrixCertificate.text.utf8)
            return .proxy(proxy)
        }
        var settings =
            switch kind {
            case .direct: BridgeSettings(upstream: .direct)
            case .http: BridgeSettings(upstream: proxy(.http))
            case .https: BridgeSettings(upstream: proxy(.https))
            case .socks5: BridgeSettings(upstream: proxy(.socks5))
            case .socks5h: BridgeSettings(upstream: proxy(.socks5h))
            }
        if isShort {
            settings.timeouts.tls = short
            settings.timeouts.reply = short
            settings.timeouts.responseHead = short
            settings.timeouts.idle = short
        }
        return open(settings)
    }

    /// Allows the targets of tests, which all lie on loopback: the one place where that is said.
    static func open(_ settings: BridgeSettings) -> BridgeSettings {
        var settings = settings
        settings.policy.allow = .loopback
        return settings
    }
}
