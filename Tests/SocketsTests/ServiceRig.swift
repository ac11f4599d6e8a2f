import Addresses
import Logging
import NIOCore
import NIOPosix
import Processes
import ServiceConfiguration
import Services
import Sockets
import Supervision
import Synchronization
import Testing

/// A daemon of one service: loads it, replaces it by a later generation, stops it.
struct ServiceRig {
    /// Everything that the service told while it ran.
    final class Record: Sendable {
        let lines = Mutex<[String]>([])
        let ledgers = Mutex<[ServiceLedger]>([])
        let forced = Mutex<[String]>([])

        func warnings() -> [String] { lines.withLock { $0.filter { $0.hasPrefix("warning ") } } }
    }

    /// A log whose lines are those of the record.
    struct Lines: LogHandler {
        let record: Record
        var logLevel = Logger.Level.info
        var metadata: Logger.Metadata = [:]
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        init(_ record: Record) { self.record = record }

        func log(event: LogEvent) {
            record.lines.withLock { $0.append("\(event.level) \(event.message)") }
        }
    }

    static let position = SourcePosition(file: "services.yaml", line: 1, column: 1)

    let record: Record
    let table = ListenerTable()
    private let catalogue: Catalogue
    private let supervisor: Supervisor
    private let drain: Duration
    private(set) var service: (any ConfigurableService)?
    private(set) var specification: ServiceSpecification?
    private var generation: UInt64 = 0

    static func specification(
        _ kind: ServiceKind,
        _ listen: [ListenAddress],
        _ change: (inout ServiceSpecification) -> Void = { _ in }
    ) -> ServiceSpecification {
        let listen = listen.map { Located($0, at: position) }
        var specification = ServiceSpecification(name: "s", at: position, kind: kind, listen: listen)
        change(&specification)
        return specification
    }

    static func forward(to destination: Destination) -> ServiceKind {
        .forward(ForwardSettings(to: Located(destination, at: position)))
    }

    private init(record: Record, drain: Duration) {
        self.record = record
        self.drain = drain
        catalogue = Catalogue(
            group: MultiThreadedEventLoopGroup.singleton,
            listeners: table,
            warden: Warden(group: MultiThreadedEventLoopGroup.singleton),
            log: Logger(label: "test") { _ in Lines(record) },
            stopped: { ledger in record.ledgers.withLock { $0.append(ledger) } }
        )
        supervisor = Supervisor { event in
            if case .forced(_, let lines) = event { record.forced.withLock { $0 += lines } }
        }
    }

    /// Runs `specification` around `body`, then shuts down and checks that no socket is left.
    static func run(
        _ specification: ServiceSpecification,
        drain: Duration = .seconds(10),
        _ body: (inout ServiceRig) async throws -> Void
    ) async throws -> Record {
        let record = Record()
        var rig = ServiceRig(record: record, drain: drain)
        let supervisor = rig.supervisor
        async let end = supervisor.run()
        var inodes: Set<UInt64> = []
        do {
            try await rig.load(specification)
            inodes = Set(rig.table.inodes().values)
            try await body(&rig)
            inodes.formUnion(rig.table.inodes().values)
        } catch {
            Issue.record(error)
        }
        rig.table.retireAll()
        supervisor.shutDown(limit: .seconds(30))
        _ = await end
        #expect(TestKernel.openSockets().isDisjoint(with: inodes))
        return record
    }

    /// Replaces what runs: the new generation is ready before the old one is asked to stop.
    mutating func load(_ specification: ServiceSpecification) async throws {
        let previous = generation
        generation += 1
        let service = catalogue.service(for: specification, generation: generation)
        var change = TreeChange()
        switch table.stage(specification.listenRequests) {
        case .staged(let staged):
            let child = ChildSpecification(
                id: ChildID(name: "s", generation: generation),
                requires: [],
                restart: RestartPolicy(),
                drain: drain,
                essential: true,
                service: service
            )
            do {
                change.start = [PreparedChild(child, prepared: try await service.prepare())]
            } catch {
                staged.rollBack()
                throw error
            }
            staged.commit()
        case .failed(let failures): throw try #require(failures.first)
        }
        if previous > 0 { change.stop = [ChildID(name: "s", generation: previous)] }
        let states = await supervisor.apply(change)
        #expect(states[ChildID(name: "s", generation: generation)]?.rawValue == "ready")
        self.service = service
        self.specification = specification
    }

    /// Takes the service away, its addresses too.
    mutating func stop() async {
        table.retireAll()
        var change = TreeChange()
        change.stop = [ChildID(name: "s", generation: generation)]
        _ = await supervisor.apply(change)
    }

    func address(_ index: Int = 0) throws -> ListenAddress {
        let specification = try #require(specification)
        return try #require(table.address(of: specification.listenRequests[index]))
    }

    func inode(_ index: Int = 0) throws -> UInt64 {
        try #require(table.inodes()[try address(index)])
    }
}
