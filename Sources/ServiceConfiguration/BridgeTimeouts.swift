/// The limits in time of a `proxy-bridge` service: the key `timeouts`.
///
/// Zero switches a limit off where that is allowed.
package struct BridgeTimeouts: Hashable, Sendable {
    /// From accept to the first byte of the first request.
    package var firstByte = Duration.seconds(60)
    /// From the first byte of a request head to its end.
    package var requestHead = Duration.seconds(15)
    /// Between two requests on one client connection.
    package var keepAlive = Duration.seconds(75)
    /// Resolving one name.
    package var dns = Duration.seconds(5)
    /// Connecting to an upstream or an origin, name resolution not included.
    package var connect = Duration.seconds(10)
    /// From the connection to the end of the TLS handshake with an upstream by `https`.
    package var tls = Duration.seconds(10)
    /// From the request sent to the upstream's reply to CONNECT, or the whole dialogue of SOCKS.
    package var reply = Duration.seconds(30)
    /// From the request read to the tunnel open: all of the above together.
    package var establishment = Duration.seconds(30)
    /// From the request sent to the response head of a plain request; zero: no limit.
    package var responseHead = Duration.seconds(120)
    /// Without a byte in either direction; zero: no limit.
    package var idle = Duration.seconds(3600)
    /// Since the last byte after one side has closed its direction.
    package var halfClose = Duration.seconds(60)
    /// Bytes wait for a peer that does not read.
    package var writeStall = Duration.seconds(120)

    package init() {}
}
