package import NIOCore

/// What becomes of a relay whose way is not wanted any more; an inbound user event of the client's channel.
package enum RelayRetirement: Sendable {
    /// It goes on, also when it was retired before.
    case none
    /// It closes as soon as it is quiet, and is cut when the time is over.
    case drain(within: TimeAmount)
    /// It is cut at once.
    case cut

    /// The silence that makes a draining relay quiet, as a part of its whole time: 5 s of 30 s.
    ///
    /// Shorter, and a response that pauses would be taken for one that has ended.
    static let quietPart: Int64 = 6
}
