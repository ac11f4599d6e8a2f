/// The failure table of the bridge's specification, cell by cell.
enum MatrixTable {
    private struct Row {
        let behaviour: MatrixBehaviour
        let cells: [MatrixForm: MatrixOutcome]

        init(
            _ behaviour: MatrixBehaviour,
            _ connect: MatrixOutcome,
            _ plain: MatrixOutcome,
            _ upgrade: MatrixOutcome
        ) {
            self.behaviour = behaviour
            cells = [.connect: connect, .get: plain, .post: plain, .upgrade: upgrade]
        }
    }

    /// - Returns: nil when the kind cannot meet the behaviour.
    static func outcome(_ kind: MatrixKind, _ form: MatrixForm, _ behaviour: MatrixBehaviour) -> MatrixOutcome? {
        rows(kind).first { $0.behaviour == behaviour }?.cells[form]
    }

    private static func rows(_ kind: MatrixKind) -> [Row] {
        switch kind {
        case .http: http
        case .https: https
        case .socks5, .socks5h: socks
        case .direct: direct
        }
    }

    private static let refused = MatrixOutcome.fails(502, "connection_refused")
    private static let terminated = MatrixOutcome.fails(502, "connection_terminated")
    private static let notHTTP = MatrixOutcome.fails(502, "http_protocol_error")
    private static let tooLarge = MatrixOutcome.fails(502, "http_response_header_section_size")
    private static let responseTimeout = MatrixOutcome.fails(504, "http_response_timeout")

    private static func credential(_ received: Int?) -> MatrixOutcome {
        .fails(502, "proxy_configuration_error", received: received)
    }

    /// Behaviour of the proxy, answer to CONNECT, to GET and POST, to the wish for a websocket.
    private static let http = [
        Row(.good, .opens(.pong), .passes(200), .upgrades(.pong)),
        Row(.wrongCredential, credential(407), credential(407), credential(407)),
        Row(.refused, refused, refused, refused),
        Row(.stall, .fails(504, "connection_read_timeout"), responseTimeout, responseTimeout),
        Row(.reset, terminated, terminated, terminated),
        Row(.end, terminated, terminated, terminated),
        Row(.garbage, notHTTP, notHTTP, notHTTP),
        Row(.noContent, .opens(.pong), .passes(204), .passes(204)),
        Row(.continueThenOK, .opens(.pong), .passes(200), .upgrades(.pong)),
        Row(.forbidden, .fails(502, "http_protocol_error", received: 403), .passes(403), .passes(403)),
        Row(.proxyAuthentication, credential(407), credential(407), credential(407)),
        Row(.unauthorized, credential(401), .passes(401), .passes(401)),
        Row(.oversizedHead, tooLarge, tooLarge, tooLarge),
        Row(.banner, .opens(.bannerAndPong), .passes(200), .upgrades(.bannerAndPong)),
    ]

    /// As over plain HTTP, but what fails below HTTP fails in the TLS handshake.
    private static let https =
        [
            Row(.stall, tlsTimeout, tlsTimeout, tlsTimeout),
            Row(.reset, noTLS, noTLS, noTLS),
            Row(.end, noTLS, noTLS, noTLS),
            Row(.garbage, noTLS, noTLS, noTLS),
        ] + http.filter { !$0.behaviour.isBelowHTTP }

    private static let tlsTimeout = MatrixOutcome.fails(504, "connection_timeout")
    private static let noTLS = MatrixOutcome.fails(502, "tls_protocol_error")

    /// What fails below HTTP fails in the greeting; what HTTP says is the origin's.
    private static let socks =
        [
            Row(.wrongCredential, credential(nil), credential(nil), credential(nil)),
            Row(.stall, socksTimeout, socksTimeout, socksTimeout),
            Row(.reset, terminated, terminated, terminated),
            Row(.end, terminated, terminated, terminated),
            Row(.garbage, notHTTP, notHTTP, notHTTP),
        ] + direct.filter { !$0.behaviour.isBelowHTTP }

    private static let socksTimeout = MatrixOutcome.fails(504, "connection_read_timeout")

    /// The origin itself: a tunnel carries whatever it says, and there is no credential to be wrong.
    private static let direct = [
        Row(.good, .opens(.raw), .passes(200), .upgrades(.pong)),
        Row(.refused, refused, refused, refused),
        Row(.stall, .opens(.idle), responseTimeout, responseTimeout),
        Row(.reset, .opens(.cut), terminated, terminated),
        Row(.end, .opens(.nothing), terminated, terminated),
        Row(.garbage, .opens(.raw), notHTTP, notHTTP),
        Row(.noContent, .opens(.raw), .passes(204), .passes(204)),
        Row(.continueThenOK, .opens(.raw), .passes(200), .upgrades(.pong)),
        Row(.forbidden, .opens(.raw), .passes(403), .passes(403)),
        Row(.proxyAuthentication, .opens(.raw), .passes(407), .passes(407)),
        Row(.unauthorized, .opens(.raw), .passes(401), .passes(401)),
        Row(.oversizedHead, .opens(.raw), tooLarge, tooLarge),
        Row(.banner, .opens(.raw), .passes(200), .upgrades(.bannerAndPong)),
    ]
}
