import NIOCore

/// What one connection to the daemon's own addresses may take, and how many may take it.
///
/// How many connections there are is a matter of the connection table; see `EndpointKind`.
struct EndpointLimits: Sendable {
    /// A field of a head; a path with a file name of 4 KiB, percent-encoded, still fits.
    var headField = 16 * 1024
    /// All fields of a head.
    var head = 32 * 1024
    var headFields = 100
    /// No request has a body that matters; a client may send one all the same.
    var body = 64 * 1024
    /// What may come before a task has begun to answer.
    ///
    /// The channel reads ahead ten times 64 KiB, so only a line without an end comes to it.
    var unclaimed = 1024 * 1024
    /// What is read, to be thrown away, behind an answer that did not wait for the whole request.
    ///
    /// With bytes unread, a close would be a reset, which can destroy the answer on its way.
    var discarded = 256 * 1024
    /// How long a client may take to end, or to go on sending, after such an answer.
    var linger = TimeAmount.seconds(1)
    /// How long a connection may wait for its next request: the interval of most collectors of metrics fits.
    var idle = TimeAmount.seconds(60)
    /// With more connections than this, one that has its answer is closed instead of being kept for the next request.
    ///
    /// Those who rest leave places to those who ask whether the daemon lives.
    var resting: Int
    /// How long a request may take to arrive, and a new connection to send its first byte.
    var request = TimeAmount.seconds(10)
    /// A head that is not complete when the service drains may still be; this is long for a local network.
    var drainedRequest = TimeAmount.seconds(1)
    /// How long a client may take none of what waits for it; a laptop that wakes up is back by then.
    var stall = TimeAmount.seconds(30)
    /// Those who follow events, so that they leave connections to others.
    var followers: Int
    /// Requests that read files or change something, which wait inside the daemon.
    var changes = 16
    /// Snapshots for those who watch are made at most this often, however much happens.
    var snapshotPause = Duration.milliseconds(250)
    /// And at least this often, because bytes count without an event.
    var snapshotInterval = Duration.seconds(2)

    static let control = EndpointLimits(resting: 128, followers: 64)
    static let status = EndpointLimits(resting: 16, followers: 32)
}
