import NIOCore
import ServiceConfiguration

/// What a client speaks to the bridge, which is what it is answered in.
enum ClientProtocol {
    case http
    case socks5

    /// Tells that the tunnel is open.
    var established: ByteBuffer {
        switch self {
        case .http: ByteBuffer(string: "HTTP/1.1 200 Connection established\r\n\r\n")
        case .socks5: ByteBuffer(bytes: SOCKSClientReply.succeeded.bytes)
        }
    }

    /// Tells a failure, after which the connection ends.
    ///
    /// - Returns: nil when the client's connection is to be closed without an answer.
    func answer(
        to failure: BridgeFailure,
        at hop: NextHop,
        bridge: String,
        style: BridgeSettings.ErrorStyle,
        toHead: Bool
    ) -> [UInt8]? {
        switch self {
        case .http: FailureResponse.bytes(for: failure, at: hop, bridge: bridge, toHead: toHead, style: style)
        case .socks5: SOCKSClientReply.answer(to: failure)
        }
    }
}
