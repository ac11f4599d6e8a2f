import Addresses
import NIOCore
import Sockets
import Synchronization

/// Remembers through which bridges of this process the connections have come that it makes to itself.
///
/// A circle of bridges cannot always be read from their configuration: names lead anywhere. But both ends of each of
/// its connections are here, so the one that accepts can ask what the one that dialled has seen.
final class Trails: Sendable {
    /// A connection as its dialling end sees it; either end alone may be that of several connections.
    private struct Ends: Hashable {
        let source: End
        let destination: End

        init?(from source: SocketAddress?, to destination: SocketAddress?) {
            guard let source = End(source), let destination = End(destination) else { return nil }
            self.source = source
            self.destination = destination
        }

        var isLocal: Bool { destination.host.isLoopback || source.host == destination.host }
    }

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
        var trails: [Ends: (id: UInt64, bridges: [String])] = [:]
        var count: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Remembers, until the channel closes, that what comes over it has been through `bridges`.
    ///
    /// To be called before the first byte is sent. A connection that leaves the host is none of this.
    func record(_ bridges: [String], of channel: any Channel) {
        guard let ends = Ends(from: channel.localAddress, to: channel.remoteAddress), ends.isLocal else { return }
        let id = state.withLock { state in
            state.count += 1
            state.trails[ends] = (state.count, bridges)
            return state.count
        }
        channel.closeFuture.whenComplete { [weak self] _ in
            self?.state.withLock { state in
                // The kernel may have made the same connection anew already.
                if state.trails[ends]?.id == id { state.trails[ends] = nil }
            }
        }
    }

    /// The bridges through which the requests of a client have come, whose first byte is there; none for a stranger.
    func bridges(before client: any Channel) -> [String] {
        guard let ends = Ends(from: client.remoteAddress, to: client.localAddress) else { return [] }
        return state.withLock { $0.trails[ends]?.bridges } ?? []
    }

    /// How many connections are remembered.
    var count: Int { state.withLock { $0.trails.count } }
}
