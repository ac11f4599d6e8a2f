import Addresses
import NIOCore
import Sockets
import Synchronization

/// Remembers through which bridges of this process the connections have come that it makes to itself.
///
/// A circle of bridges cannot always be read from their configuration: names lead anywhere. But both ends of each of
/// its connections are here, so the one that accepts can ask what the one that dialled has seen.
final class Trails: Sendable {
    private struct End: Hashable {
        let host: IPAddress
        let port: Int

        init?(_ address: SocketAddress?) {
            guard let host = address?.host, let port = address?.port else { return nil }
            self.host = host
            self.port = port
        }
    }

    private struct State {
        var trails: [End: (id: UInt64, bridges: [String])] = [:]
        var count: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Remembers, until the channel closes, that what comes over it has been through `bridges`.
    ///
    /// To be called before the first byte is sent. A connection that leaves the host is none of this.
    func record(_ bridges: [String], of channel: any Channel) {
        guard let local = End(channel.localAddress), let remote = channel.remoteAddress?.host,
            remote.isLoopback || remote == local.host
        else { return }
        let id = state.withLock { state in
            state.count += 1
            state.trails[local] = (state.count, bridges)
            return state.count
        }
        channel.closeFuture.whenComplete { [weak self] _ in
            self?.state.withLock { state in
                // The kernel may have given the port to another connection already.
                if state.trails[local]?.id == id { state.trails[local] = nil }
            }
        }
    }

    /// The bridges through which the requests of a client have come, whose first byte is there; none for a stranger.
    func bridges(before client: any Channel) -> [String] {
        guard let end = End(client.remoteAddress) else { return [] }
        return state.withLock { $0.trails[end]?.bridges } ?? []
    }

    /// How many connections are remembered.
    var count: Int { state.withLock { $0.trails.count } }
}
