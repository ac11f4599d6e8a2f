import ServiceConfiguration

/// The answer to a request that failed.
enum FailureResponse {
    /// When a stopping bridge may be asked again: about the time of a restart.
    private static let retryAfterSeconds = 5

    private static let allow = "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, CONNECT\r\n"

    /// The answer to OPTIONS about the bridge itself.
    static func options(closes: Bool) -> [UInt8] {
        Array("HTTP/1.1 200 OK\r\n\(allow)Content-Length: 0\r\n\(closes ? "Connection: close\r\n" : "")\r\n".utf8)
    }

    /// The whole message; it ends the connection unless `closes` is false.
    ///
    /// - Returns: nil when the client's connection is to be closed without an answer.
    static func bytes(
        for failure: BridgeFailure,
        at hop: NextHop,
        bridge: String,
        toHead: Bool,
        style: BridgeSettings.ErrorStyle = .standard,
        closes: Bool = true
    ) -> [UInt8]? {
        guard let status = failure.status(in: style) else { return nil }
        let body = "\(failure.word) \(bridge): \(failure.explanation(at: hop))\n"
        var head = "HTTP/1.1 \(status) \(reason(status))\r\n"
        head += "Content-Type: text/plain; charset=utf-8\r\n"
        head += "Content-Length: \(body.utf8.count)\r\n"
        head += "Cache-Control: no-store\r\n"
        if failure == .clientAuthentication {
            head += "Proxy-Authenticate: Basic realm=\(quoted(bridge)), charset=\"UTF-8\"\r\n"
        } else {
            head += "Proxy-Status: \(proxyStatus(failure, bridge: bridge))\r\n"
        }
        if status == 405 { head += allow }
        if status == 503 { head += "Retry-After: \(retryAfterSeconds)\r\n" }
        head += closes ? "Connection: close\r\n\r\n" : "\r\n"
        return Array((toHead ? head : head + body).utf8)
    }

    /// The value of the field Proxy-Status (RFC 9209).
    static func proxyStatus(_ failure: BridgeFailure, bridge: String) -> String {
        let received = failure.receivedStatus.map { "; received-status=\($0)" } ?? ""
        return "\(structuredName(bridge)); error=\(failure.word)\(received)\(details(of: failure))"
    }

    /// Where the error type alone would say that the client was wrong.
    private static func details(of failure: BridgeFailure) -> String {
        guard case .socksRefused(2) = failure, let details = failure.socksDetails else { return "" }
        return "; details=\"\(details)\""
    }

    /// A token where the name is one, else a string (RFC 8941): `bridge@1` is no token.
    private static func structuredName(_ name: String) -> String {
        let isToken = name.utf8.allSatisfy { $0.isTokenByte || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "/") }
        if isToken, let first = name.first, first.isASCII, first.isLetter { return name }
        return quoted(name)
    }

    private static func quoted(_ name: String) -> String {
        "\"" + name.filter { $0.isASCII && $0 != "\"" && $0 != "\\" && !$0.isNewline } + "\""
    }

    private static func reason(_ status: Int) -> String {
        switch status {
        case 400: "Bad Request"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 407: "Proxy Authentication Required"
        case 408: "Request Timeout"
        case 414: "URI Too Long"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        case 508: "Loop Detected"
        case 590: "Non Successful"
        case 592: "Status Code Out Of Range"
        case 593: "Not Found"
        case 594: "Connection Refused"
        case 595: "Connection Reset"
        case 596: "Broken Pipe"
        case 597: "Auth Failed"
        case 599: "Upstream Error"
        default: "Error"
        }
    }
}
