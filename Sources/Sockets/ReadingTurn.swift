/// Who reads a UDP socket now, and how it is told to rest.
///
/// The services that share a socket while one replaces the other take turns: NIO does not expect that a datagram which
/// it was told of has been read by somebody else.
struct ReadingTurn: Sendable {
    /// The duplicate of the reader.
    var descriptor: Int32
    /// Returns when the reader has stopped to read.
    var rest: @Sendable () async -> Void
}
