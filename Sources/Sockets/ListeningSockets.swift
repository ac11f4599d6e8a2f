package import Addresses
package import NIOCore
import NIOPosix

/// The listening sockets of one service before it accepts.
///
/// They are either accepted on or closed; dropping them traps.
package struct ListeningSockets: ~Copyable, Sendable {
    private var leases: [ListenerLease]?
    private let table: ListenerTable

    init(leases: [ListenerLease], table: ListenerTable) {
        self.leases = leases
        self.table = table
    }

    /// The bound addresses, with the ports that the kernel chose.
    package var addresses: [ListenAddress] { leases?.map(\.address) ?? [] }

    /// Starts to accept.
    ///
    /// An accepted channel allows remote half closure, buffers at most 64 KiB of writes before it says that it is not
    /// writable, and never reads by itself (`autoRead` off): the handlers that `initialize` adds read in
    /// `channelActive`, or when they are ready.
    ///
    /// - Parameters:
    ///   - group: The event loops over which the connections are spread.
    ///   - connections: Holds a slot for each connection, from before its first byte.
    ///   - dismissal: What a client hears for whom the process has no descriptor.
    ///   - report: Hears at most once in ten seconds that accepting rests for lack of descriptors or memory; nil when
    ///     that is over.
    ///   - datagrams: Makes what serves a UDP socket, on the socket's event loop; an error ends the service.
    ///   - initialize: Runs on the connection's event loop, before its first byte is read; an error closes it.
    /// - Returns: The open door; the service must close it.
    package consuming func accept(
        on group: any EventLoopGroup,
        into connections: ConnectionTable,
        dismissal: @escaping @Sendable () -> [UInt8] = { [] },
        report: @escaping @Sendable (AcceptTrouble?) -> Void = { _ in },
        datagrams: @escaping @Sendable (DatagramSocket) throws -> any DatagramReceiver = { _ in
            throw ChannelError.operationUnsupported
        },
        initialize: @escaping @Sendable (any Channel, Connection) throws -> Void
    ) async -> Acceptors {
        let door = AcceptedConnections(
            group: group,
            connections: connections,
            dismissal: dismissal,
            initialize: initialize
        )
        let failure = AcceptFailure()
        var acceptors: [Acceptor] = []
        var ports: [DatagramPort] = []
        for lease in leases.take() ?? [] {
            guard !lease.address.isDatagram else {
                let port = await DatagramPort.start(lease, of: table, on: group, failure: failure, receiver: datagrams)
                ports.append(port)
                continue
            }
            acceptors.append(await Acceptor.start(lease, of: table, door: door, failure: failure, report: report))
        }
        return Acceptors(acceptors, ports: ports, failure: failure)
    }

    /// Closes the service's duplicates.
    package consuming func close() -> Closed {
        for lease in leases.take() ?? [] { table.close(lease) }
        return Closed()
    }

    deinit {
        precondition(leases == nil, "listening sockets were dropped, neither accepted on nor closed")
    }
}
