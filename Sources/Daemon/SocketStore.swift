import Sockets

/// The listening sockets that the service manager keeps, so that a restart of the daemon refuses no connection: the
/// descriptor store of systemd (FDSTORE in sd_notify(3), FileDescriptorStoreMax in systemd.service(5)).
struct SocketStore {
    private let notifier: SystemdNotifier
    /// True when there is a store: `$FDSTORE` says how many descriptors it takes.
    ///
    /// systemd sets the variable since version 254; for older ones the unit does.
    let isThere: Bool
    /// What is kept now.
    private var names: Set<String>
    private var changes: UInt64 = 0

    init(notifier: SystemdNotifier, inherited: [InheritedSocket], variable: (String) -> String?) {
        self.notifier = notifier
        isThere = variable("FDSTORE").flatMap { Int($0) }.map { $0 > 0 } ?? false
        names = Set(inherited.map(\.name))
    }

    /// Makes the store hold what the configuration wants, to be called when that may have changed.
    mutating func update(from listeners: ListenerTable) {
        guard isThere, listeners.changes != changes else { return }
        let count = listeners.changes
        let kept = listeners.kept(beside: names)
        guard notifier.keep(kept.new, releasing: names.subtracting(kept.names)) else { return }
        names = kept.names
        changes = count
    }
}
