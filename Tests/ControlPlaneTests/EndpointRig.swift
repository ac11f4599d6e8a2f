import Addresses
import Glibc
import Logging
import NIOPosix
import ScenarioSupport
import ServiceConfiguration
import Services
import Sockets
import Supervision
import Synchronization
import TestSupport
import Testing

@testable import ControlPlane

/// An endpoint as the daemon runs it: its address staged by a listener table, its life a child of a tree.
struct EndpointRig: Sendable {
    /// A log whose lines can be asked for.
    final class Record: Sendable {
        let lines = Mutex<[String]>([])
        let forced = Mutex<[String]>([])
    }

    private struct Lines: LogHandler {
        let record: Record
        var logLevel = Logger.Level.info
        var metadata: Logger.Metadata = [:]
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let values = event.metadata?.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } ?? []
            record.lines.withLock { $0.append(([event.message.description] + values).joined(separator: " ")) }
        }
    }

    private static let position = SourcePosition(file: "services.yaml", line: 1, column: 1)

    let steering: ScriptedSteering
    let address: ListenAddress
    let record: Record
    let openConnections: @Sendable () -> Int
    private let drains: @Sendable () async -> Void

    /// Asks the endpoint to stop, and waits until it has.
    func drain() async { await drains() }

    /// Runs a control socket for the time of `body`; nothing may be left.
    static func control(
        _ steering: ScriptedSteering = ScriptedSteering(),
        limits: EndpointLimits = .control,
        group: UInt32? = nil,
        _ body: (EndpointRig) async throws -> Void
    ) async throws {
        let folder = try TestFolder.make()
        defer { TestFolder.remove(folder) }
        // Others reach the socket itself, as in /run.
        chmod(folder, 0o755)
        let address = ListenAddress.unix(path: "\(folder)/control.sock")
        try await run(.control(group: group), address, steering, body) { log in
            ControlHandling(steering: steering, limits: limits, log: log)
        }
    }

    /// Runs a status page for the time of `body`.
    static func status(
        _ steering: ScriptedSteering = ScriptedSteering(),
        limits: EndpointLimits = .status,
        _ body: (EndpointRig) async throws -> Void
    ) async throws {
        try await run(.status, .tcp(.v4(0x7f00_0001), port: 0), steering, body) { log in
            StatusHandling(steering: steering, limits: limits, log: log)
        }
    }

    private static func run<Handling: StreamHandling>(
        _ kind: EndpointKind,
        _ address: ListenAddress,
        _ steering: ScriptedSteering,
        _ body: (EndpointRig) async throws -> Void,
        _ handling: (Logger) -> Handling
    ) async throws {
        let record = Record()
        let log = Logger(label: "test") { _ in Lines(record: record) }
        let table = ListenerTable()
        var specification = ServiceSpecification(
            name: kind.name,
            at: position,
            kind: .endpoint,
            listen: [Located(address, at: position)]
        )
        specification.endpoint = kind
        specification.maxConnections = 256
        let before = openSockets()
        let service = StreamService(
            specification,
            handling: handling(log),
            group: MultiThreadedEventLoopGroup.singleton,
            listeners: table,
            log: log
        )
        let supervisor = Supervisor { event in
            if case .forced(_, let lines) = event { record.forced.withLock { $0 += lines } }
        }
        async let end = supervisor.run()
        do {
            try await start(service, specification, table, supervisor)
            let rig = EndpointRig(
                steering: steering,
                address: try #require(table.address(of: specification.listenRequests[0])),
                record: record,
                openConnections: { service.openConnections },
                drains: { _ = await supervisor.apply(stopping(kind)) }
            )
            try await body(rig)
        } catch {
            Issue.record(error)
        }
        steering.gate.open()
        table.retireAll()
        supervisor.shutDown(limit: .seconds(30))
        _ = await end
        #expect(record.forced.withLock { $0 } == [], "a connection did not end by itself")
        // Other suites of this process have sockets too, which they close in their own time.
        let left = openSockets().subtracting(before)
        try Facts.wait(for: "the sockets \(left) are closed") { openSockets().isDisjoint(with: left) }
    }

    private static func start(
        _ service: any Service,
        _ specification: ServiceSpecification,
        _ table: ListenerTable,
        _ supervisor: Supervisor
    ) async throws {
        switch table.stage(specification.listenRequests) {
        case .staged(let staged):
            let child = ChildSpecification(
                id: ChildID(name: specification.name, generation: 1),
                requires: [],
                restart: RestartPolicy(),
                drain: .seconds(20),
                essential: true,
                service: service
            )
            var change = TreeChange()
            do {
                change.start = [PreparedChild(child, prepared: try await service.prepare())]
            } catch {
                staged.rollBack()
                throw error
            }
            staged.commit()
            _ = await supervisor.apply(change)
        case .failed(let failures): throw try #require(failures.first)
        }
    }

    private static func stopping(_ kind: EndpointKind) -> TreeChange {
        var change = TreeChange()
        change.stop = [ChildID(name: kind.name, generation: 1)]
        return change
    }

    /// The inodes of all sockets of this process.
    private static func openSockets() -> Set<UInt64> {
        var found: Set<UInt64> = []
        for descriptor in Int32(0)..<1_024 {
            var status = stat()
            guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { continue }
            found.insert(UInt64(status.st_ino))
        }
        return found
    }
}
