import NIOCore

/// Answers for channels, each until it has completely closed or another owner answers for it.
protocol ChannelOwner: AnyObject, Sendable {
    /// The channel has completely closed, or it is somebody else's now.
    func lost(_ channel: any Channel)
}
