import Addresses

/// The sockets of the listener table, by what was asked for and by port.
///
/// With thousands of addresses a look at all of them for each one that closes would hold up the daemon for minutes.
struct ListenerIndex {
    /// What two overlapping addresses have in common.
    private enum Place: Hashable {
        case tcp(UInt16)
        case udp(UInt16)
        case path(String)

        init(_ address: ListenAddress) {
            switch address {
            case .tcp(_, let port): self = .tcp(port)
            case .udp(_, let port): self = .udp(port)
            case .unix(let path): self = .path(path)
            }
        }
    }

    private var listeners: [ListenerKey: OwnedListener] = [:]
    private var places: [Place: Set<ListenerKey>] = [:]

    var keys: [ListenerKey] { Array(listeners.keys) }
    var values: Dictionary<ListenerKey, OwnedListener>.Values { listeners.values }

    subscript(key: ListenerKey) -> OwnedListener? {
        get { listeners[key] }
        set {
            if let old = listeners[key], newValue?.address != old.address {
                places[Place(old.address)]?.remove(key)
                if places[Place(old.address)]?.isEmpty == true { places[Place(old.address)] = nil }
            }
            if let newValue, listeners[key]?.address != newValue.address {
                places[Place(newValue.address), default: []].insert(key)
            }
            listeners[key] = newValue
        }
    }

    /// The sockets that cannot be bound beside `address` without sharing its port; one at `address` itself included.
    func overlapping(_ address: ListenAddress) -> [ListenerKey] {
        (places[Place(address)] ?? []).filter { listeners[$0]?.address.overlaps(address) == true }
    }
}
