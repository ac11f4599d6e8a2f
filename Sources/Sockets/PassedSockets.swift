/// The listening sockets of one service that a program accepts on, not this process.
///
/// They are held while the program runs, so that their addresses stay open; dropping them traps.
package struct PassedSockets: ~Copyable, Sendable {
    private var leases: [ListenerLease]?
    private let table: ListenerTable

    init(leases: [ListenerLease], table: ListenerTable) {
        self.leases = leases
        self.table = table
    }

    /// The descriptors in the order of the requests; still this value's.
    package var descriptors: [Int32] { leases?.map(\.descriptor) ?? [] }

    /// Closes the duplicates.
    package consuming func close() -> Closed {
        for lease in leases.take() ?? [] { table.close(lease) }
        return Closed()
    }

    deinit {
        precondition(leases == nil, "sockets for a program were dropped without being closed")
    }
}
