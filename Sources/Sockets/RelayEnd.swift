import NIOCore

/// What a relay knows about one of its channels.
struct RelayEnd {
    let channel: any Channel
    let isUnix: Bool
    /// The peer has finished sending.
    var isInputFinished = false
    /// Our side of the stream is shut down, or shall be once everything is written.
    var isOutputFinishing = false
    var isOutputFinished = false
    /// We close it for good; what happens to it afterwards is expected.
    var isClosing = false
    /// It has closed; its close future is about to tell.
    var isClosed = false
    /// A unix peer that has closed after everything it sent has come; what is meant for it is dropped.
    var isGone = false
    /// It may not read because the other channel has enough to write.
    var isHeld = false
    /// Everything that was given to the channel to write.
    var accepted = 0
    /// How much of it the kernel had taken when that was last looked at, and since when that has not changed.
    var written = 0
    var writtenSince = NIODeadline.now()
}
