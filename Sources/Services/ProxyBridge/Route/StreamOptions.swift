import Glibc
import NIOCore

/// What the kernel is told about the TCP connections of a bridge.
enum StreamOptions {
    /// Small writes go at once; a peer that has vanished is noticed two minutes after its last byte.
    static let all: [(ChannelOptions.Types.SocketOption, SocketOptionValue)] = [
        (.init(level: .tcp, name: .tcp_nodelay), 1),
        (.init(level: .socket, name: .so_keepalive), 1),
        (.init(level: .tcp, name: .init(rawValue: TCP_KEEPIDLE)), 60),
        (.init(level: .tcp, name: .init(rawValue: TCP_KEEPINTVL)), 15),
        (.init(level: .tcp, name: .init(rawValue: TCP_KEEPCNT)), 4),
    ]
}
