import Addresses

/// What makes two requests the same socket: the address, and with port 0 also whose it is.
struct ListenerKey: Hashable, Sendable {
    private var address: ListenAddress
    private var owner: String?
    private var index: Int?

    init(_ request: ListenRequest) {
        address = request.address
        if case .tcp(_, port: 0) = request.address {
            owner = request.owner
            index = request.index
        }
    }
}
