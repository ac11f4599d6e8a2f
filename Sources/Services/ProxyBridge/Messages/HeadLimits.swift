/// The limits on what a peer may send before its message is understood.
enum HeadLimits {
    /// Large cookies fit; a peer cannot make a bridge hold more than this for a head.
    static let headBytes = 64 * 1024
    /// Longer request lines are refused by common origins as well.
    static let requestLineBytes = 16 * 1024
    static let fields = 256
    /// A chunk extension carries nothing that anybody uses.
    static let chunkExtensionBytes = 256
    /// Trailer fields carry digests and grpc states, never much.
    static let trailerBytes = 16 * 1024
    /// Informational replies before the final one.
    static let informationalReplies = 8
    /// Bytes that a client may send behind its CONNECT before the tunnel is open.
    static let earlyBytes = 64 * 1024
    /// What a client may still send after it got an error, before its connection is cut.
    static let lingerBytes = 64 * 1024
    /// The longest host name of the DNS.
    static let hostBytes = 255
    /// The longest part between two dots of one (RFC 1035 2.3.4).
    static let labelBytes = 63
}
