import Addresses

/// What makes two requests the same socket: the address, and with port 0 also whose it is.
struct ListenerKey: Hashable, Sendable {
    private var address: ListenAddress
    private var owner: String?
    private var index: Int?

    /// True for port 0.
    var isChosenByKernel: Bool { owner != nil }

    init(_ request: ListenRequest) {
        address = request.address
        if request.address.isChosenByKernel {
            owner = request.owner
            index = request.index
        }
    }
}
