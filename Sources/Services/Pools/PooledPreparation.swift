import Supervision

/// A prepared bridge together with its use of a pool's member.
struct PooledPreparation: ~Copyable, Preparation {
    private let prepared: PreparedService
    private let lease: PoolLease
    /// Called when the life begins.
    private let begin: @Sendable (TaskPool) -> Void

    init(
        _ prepared: consuming PreparedService,
        lease: consuming PoolLease,
        begin: @escaping @Sendable (TaskPool) -> Void
    ) {
        self.prepared = prepared
        self.lease = lease
        self.begin = begin
    }

    consuming func run(_ lifetime: consuming Lifetime) async -> Exit {
        begin(lifetime.tasks)
        let lease = lease
        let exit = await prepared.run(lifetime)
        lease.release()
        return exit
    }

    consuming func discard() async {
        let lease = lease
        await prepared.discard()
        lease.release()
    }
}
