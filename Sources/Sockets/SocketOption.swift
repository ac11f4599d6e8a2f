/// The socket options that listening sockets are given; accepted connections inherit those of TCP.
package enum SocketOption: Hashable, Sendable {
    case reuseAddress
    case reusePort
    case onlyIPv6
    case noDelay
    case keepAlive
    case keepAliveIdle
    case keepAliveInterval
    case keepAliveCount
    case receiveBuffer
}
