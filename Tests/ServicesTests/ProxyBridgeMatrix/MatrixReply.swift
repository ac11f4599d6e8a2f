/// The bytes with which an upstream answers, behaviour by behaviour.
enum MatrixReply {
    static let proxyAuthentication =
        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"realm of the upstream\"\r\n"
        + "Connection: close\r\nContent-Length: 20\r\n\r\npage of the upstream"

    static func text(of behaviour: MatrixBehaviour, to form: MatrixForm) -> String {
        switch behaviour {
        case .good: success(form)
        case .banner: success(form) + "banner\n"
        case .continueThenOK: "HTTP/1.1 100 Continue\r\n\r\n" + success(form)
        case .noContent: "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
        case .garbage: "SSH-2.0-page of the upstream\r\n"
        case .forbidden: refusal("403 Forbidden")
        case .unauthorized: refusal("401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"realm of the upstream\"")
        case .proxyAuthentication, .wrongCredential: proxyAuthentication
        case .oversizedHead: "HTTP/1.1 200 OK\r\nX-Long: \(String(repeating: "x", count: 70_000))\r\n\r\n"
        case .refused, .stall, .reset, .end: ""
        }
    }

    private static func success(_ form: MatrixForm) -> String {
        switch form {
        case .connect: "HTTP/1.1 200 OK\r\n\r\n"
        case .get, .post: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 6\r\n\r\norigin"
        case .upgrade: "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
        }
    }

    private static func refusal(_ start: String) -> String {
        "HTTP/1.1 \(start)\r\nConnection: close\r\nContent-Length: 20\r\n\r\npage of the upstream"
    }
}
