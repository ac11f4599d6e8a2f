import NIOCore
import Synchronization

/// A channel and the one who answers for it, from before it connects until it has completely closed.
///
/// It may change hands. The next owner counts it before the last one loses it, so there is no moment in which nobody
/// would wait for it.
final class OwnedChannel: Sendable {
    let channel: any Channel
    /// Nil once the channel has closed.
    private let owner: Mutex<(any ChannelOwner)?>

    /// The owner has counted the channel, or does so before `watch`.
    init(_ channel: any Channel, owner: any ChannelOwner) {
        self.channel = channel
        self.owner = Mutex(owner)
    }

    /// Tells the owner, whoever that is by then, when the channel has completely closed.
    ///
    /// Once for each channel: a callback for each owner would pile up on a connection that serves many clients.
    func watch() {
        channel.closeFuture.whenComplete { _ in self.closed() }
    }

    func belongs(to someone: any ChannelOwner) -> Bool {
        owner.withLock { $0 === someone }
    }

    /// Makes `next`, which has counted the channel, its owner.
    func move(to next: any ChannelOwner) {
        let last = owner.withLock { owner in
            let last = owner
            if last != nil { owner = next }
            return last
        }
        (last ?? next).lost(channel)
    }

    private func closed() {
        let last = owner.withLock { $0.take() }
        last?.lost(channel)
    }
}
