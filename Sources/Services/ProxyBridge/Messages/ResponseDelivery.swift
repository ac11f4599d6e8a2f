/// How one response goes to the client: decided once, from both heads.
struct ResponseDelivery: Hashable, Sendable {
    /// How the client gets to know the end of the body.
    let framing: BodyFraming
    /// The upstream's Content-Length stays true.
    let keepsLength: Bool
    /// The value of the Connection field, if one is needed.
    let connection: String?
    /// Another protocol follows.
    let isSwitch: Bool

    init(framing: BodyFraming, keepsLength: Bool, connection: String?, isSwitch: Bool = false) {
        self.isSwitch = isSwitch
        self.framing = framing
        self.keepsLength = keepsLength
        self.connection = connection
    }

    /// Decides; without `mayKeepAlive` the bridge wants this to be the connection's last response.
    init(of response: ResponseHead, body: BodyFraming, to request: RequestHead, mayKeepAlive: Bool) {
        isSwitch = false
        framing =
            switch body {
            case .none: .none
            case .length(let length): .length(length)
            case .chunked, .untilClose: request.minorVersion == 1 ? .chunked : .untilClose
            }
        let hasTransferCoding = response.fields.contains(name: "transfer-encoding")
        keepsLength = !hasTransferCoding && response.status != 204 && !response.isInformational
        let keepsAlive = mayKeepAlive && request.keepsAlive && framing != .untilClose
        connection = keepsAlive ? (request.minorVersion == 0 ? "keep-alive" : nil) : "close"
    }

    var closes: Bool { connection == "close" }
}
