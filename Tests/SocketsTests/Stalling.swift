import NIOCore
import Sockets

/// Waits until a channel cannot write any more: the whole way to the other program is full.
struct Stalling {
    private let channel: any Channel

    init(_ channel: any Channel) { self.channel = channel }

    /// Returns when the kernel has taken nothing for a while that is long for a loopback.
    func wait() async throws {
        let channel = channel
        var last = -1
        while true {
            let waiting = try await channel.eventLoop.scheduleTask(in: .milliseconds(100)) { channel.bufferedBytes }
                .futureResult.get()
            if waiting == last && waiting > 0 { return }
            last = waiting
        }
    }
}
