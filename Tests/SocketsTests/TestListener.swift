import Addresses
import NIOCore
import NIOPosix
import Sockets
import Testing

/// A service without a supervisor: listens on one address of its own and accepts.
struct TestListener: ~Copyable {
    let table: ListenerTable
    let connections: ConnectionTable
    let address: ListenAddress
    let request: ListenRequest
    private let inodes: Set<UInt64>
    private var acceptors: Acceptors?

    static func start(
        limit: Int = 1_000,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        on wanted: ListenAddress = .tcp(TestKernel.loopback, port: 0),
        initialize: @escaping @Sendable (any Channel, Connection) throws -> Void
    ) async throws -> TestListener {
        let table = ListenerTable()
        let connections = ConnectionTable(service: "test", limit: limit)
        let request = ListenRequest(wanted, owner: "test", index: 0)
        switch table.stage([request]) {
        case .staged(let staged): staged.commit()
        case .failed(let failures): throw try #require(failures.first)
        }
        let address = try #require(table.address(of: request))
        let acceptors = try await table.sockets(for: [request]).accept(
            on: group,
            into: connections,
            initialize: initialize
        )
        return TestListener(
            table: table,
            connections: connections,
            address: address,
            request: request,
            inodes: Set(table.inodes().values),
            acceptors: acceptors
        )
    }

    private init(
        table: ListenerTable,
        connections: ConnectionTable,
        address: ListenAddress,
        request: ListenRequest,
        inodes: Set<UInt64>,
        acceptors: consuming Acceptors
    ) {
        self.table = table
        self.connections = connections
        self.address = address
        self.request = request
        self.inodes = inodes
        self.acceptors = consume acceptors
    }

    /// Stops accepting; the address stays the table's unless `retiring`.
    mutating func stopAccepting(retiring: Bool = true) async {
        if retiring { table.retireAll() }
        if let acceptors = acceptors.take() { _ = await acceptors.close() }
    }

    /// Cuts what is open and checks that nothing is left.
    consuming func end() async {
        await stopAccepting()
        connections.force()
        _ = await connections.empty()
        #expect(connections.count == 0)
        #expect(TestKernel.openSockets().isDisjoint(with: inodes))
    }
}
