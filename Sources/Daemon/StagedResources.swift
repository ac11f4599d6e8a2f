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

    consuming func commit() {
        listeners.commit()
        pools.commit()
    }

    consuming func rollBack() {
        pools.rollBack()
        listeners.rollBack()
    }
}
