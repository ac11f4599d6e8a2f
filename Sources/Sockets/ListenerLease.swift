import Addresses

/// A service's duplicate of one listening socket.
struct ListenerLease: Sendable {
    var key: ListenerKey
    var id: UInt64
    var descriptor: Int32
    var address: ListenAddress
}
