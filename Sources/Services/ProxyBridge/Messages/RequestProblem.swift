/// Why a client's request is refused before anything is dialled for it.
enum RequestProblem: Error, Hashable, Sendable {
    case lineTooLong
    case headTooLarge
    case tooManyFields
    case controlByte
    case malformedLine
    case unsupportedVersion
    case malformedField
    case foldedField
    case hostCount
    case hostValue
    case connectionValue
    case contentLength
    case lengthWithTransferCoding
    case transferCoding
    case unknownTransferCoding
    case nominatedField
    case maxForwards
    case notAProxyRequest
    case traceRefused
    case unsupportedScheme
    case malformedTarget
    case malformedChunk
    case headTimeout
    case bodyTimeout
    /// The first byte of a TLS ClientHello: no HTTP answer would be understood.
    case tlsOnPlainListener
    /// The first byte of a request of SOCKS version 4.
    case socks4
    /// A SOCKS client offers no method of authentication that will do.
    case socksMethods
    /// A SOCKS client wants something else than a connection.
    case socksCommand
    case socksAddressType
    case socksMessage

    /// nil: the connection is closed without an answer.
    var status: Int? {
        switch self {
        case .lineTooLong: 414
        case .headTooLarge, .tooManyFields: 431
        case .unsupportedVersion: 505
        case .unknownTransferCoding: 501
        case .traceRefused: 405
        case .headTimeout, .bodyTimeout: 408
        case .tlsOnPlainListener, .socks4: nil
        case .controlByte, .malformedLine, .malformedField, .foldedField, .hostCount, .hostValue,
            .connectionValue, .contentLength, .lengthWithTransferCoding, .transferCoding, .nominatedField,
            .maxForwards, .notAProxyRequest, .unsupportedScheme, .malformedTarget, .malformedChunk, .socksMethods,
            .socksCommand,
            .socksAddressType, .socksMessage:
            400
        }
    }

    /// One sentence that ends with what to do.
    var explanation: String {
        switch self {
        case .lineTooLong: "the request line is longer than 16 KiB; shorten the URL"
        case .headTooLarge: "the request head is larger than 64 KiB; send fewer fields"
        case .tooManyFields: "the request has more than 256 fields; send fewer fields"
        case .controlByte: "the request head holds a control byte or a line not ended by CRLF; send RFC 9112 HTTP"
        case .malformedLine: "the request line is not `method target version`; send RFC 9112 HTTP"
        case .unsupportedVersion: "the version is neither HTTP/1.0 nor HTTP/1.1; use one of these"
        case .malformedField: "a field is not `name: value`; send RFC 9112 HTTP"
        case .foldedField: "a field is folded over two lines; write it on one"
        case .hostCount: "the request needs exactly one Host field; send one"
        case .hostValue: "the Host field is not a host with an optional port; correct it"
        case .connectionValue: "the Connection field is not a list of names; correct it"
        case .contentLength: "the Content-Length is not one number; send one decimal number"
        case .lengthWithTransferCoding: "the request has Content-Length and Transfer-Encoding; send one of them"
        case .transferCoding: "the body's end cannot be known from its transfer coding; use chunked alone"
        case .unknownTransferCoding: "only the transfer coding chunked is supported; use it"
        case .nominatedField: "Connection names a field that must reach the origin; name hop-by-hop fields only"
        case .maxForwards: "Max-Forwards is not one number; send one decimal number"
        case .notAProxyRequest: "this is a proxy and serves no pages itself; configure it as a proxy"
        case .traceRefused: "TRACE is not allowed through this proxy; use another method"
        case .unsupportedScheme: "only http targets are forwarded; use CONNECT for others"
        case .malformedTarget: "the target is not a host with a port in 1-65535; correct it"
        case .malformedChunk: "the chunked body is malformed; send RFC 9112 chunks"
        case .bodyTimeout: "the client stopped sending the body; send it without a pause"
        case .headTimeout: "the request head did not arrive in time; send it at once"
        case .tlsOnPlainListener: "the client speaks TLS to a plain listener; use the scheme http for the proxy"
        case .socks4: "the client speaks SOCKS version 4; use version 5, or the scheme http for the proxy"
        case .socksMethods: "the client offers no way to authenticate that is wanted; give it the credential of `auth`"
        case .socksCommand: "only the SOCKS command CONNECT is served; use another proxy for BIND and UDP"
        case .socksAddressType: "the SOCKS address is neither IPv4, IPv6 nor a name; send one of these"
        case .socksMessage: "the SOCKS message is malformed; send RFC 1928"
        }
    }
}
