import Services
import Sockets

/// What a load has acquired beside the prepared services: committed or rolled back as one.
struct StagedResources: ~Copyable {
    private let listeners: StagedListeners
    private let pools: StagedPools

    init(_ listeners: consuming StagedListeners, _ pools: consuming StagedPools) {
        self.listeners = listeners
        self.pools = pools
    }

    /// The addresses that services which are not essential have to go without for now.
    var absent: [BindFailure] { listeners.absent }

    consuming func commit() {
        listeners.commit()
        pools.commit()
    }

    consuming func rollBack() {
        pools.rollBack()
        listeners.rollBack()
    }
}
