import ControlPlane
import Glibc
import Logging
import NIOCore
import NIOPosix
import Processes
import ServiceConfiguration
import Services
import Sockets
import Supervision
import Synchronization
import TestSupport

@testable import Daemon

/// A daemon without signals and service manager: loads texts instead of a file, through a kernel whose calls can fail.
final class LoadRig: Sendable {
    let calls: FaultyCalls
    let listeners: ListenerTable
    let pools = UpstreamPools()
    let refused = RefusedCredentials()
    let contexts: TLSContexts
    let tree: Supervisor
    private let front = Supervisor { _ in }
    /// The reason of each failure in the tree.
    let crashes: AsyncStream<String>
    private let transaction: LoadTransaction
    private let source: TextSource

    /// - Parameters:
    ///   - group: The event loops of the services.
    ///   - warden: The program that is to turn into the warden.
    init(group: any EventLoopGroup, warden: String) {
        let calls = FaultyCalls()
        let listeners = ListenerTable(calls: calls)
        let (crashes, crash) = AsyncStream.makeStream(of: String.self)
        let tree = Supervisor { event in
            if case .crashed(_, let error) = event { crash.yield(error) }
        }
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        self.calls = calls
        self.listeners = listeners
        self.tree = tree
        self.crashes = crashes
        let (source, contexts) = (TextSource(), TLSContexts())
        self.contexts = contexts
        transaction = LoadTransaction(
            file: "services.yaml",
            surroundings: { contexts in
                Surroundings(
                    // No daemon has a control socket there, so the default one is absent.
                    variable: { $0 == "RUNTIME_DIRECTORY" ? "/nonexistent" : nil },
                    file: { source.content(of: $0) },
                    source: { file in source.content(of: file).map { Source(file: file, bytes: $0) } },
                    names: { .success(source.names(in: $0)) },
                    tlsProblem: { contexts.problem(with: $0) }
                )
            },
            watch: nil,
            listeners: listeners,
            pools: pools,
            refused: refused,
            contexts: contexts,
            catalogue: Catalogue(
                group: group,
                listeners: listeners,
                warden: Warden(group: group, executable: warden),
                pools: pools,
                refused: refused,
                contexts: contexts,
                log: log,
                endpoint: { _, _ in AbsentEndpoint() }
            ),
            tree: tree,
            front: front,
            prepareSocketFolder: { nil },
            explain: AcquisitionExplanation { _ in ProcessIdentity(pid: 7, command: "thief") },
            descriptorLimit: 20_000,
            begin: { _ in },
            log: log
        )
        self.source = source
    }

    func load(
        _ text: String,
        from state: RunningState,
        control: LoadControl = LoadControl()
    ) async -> LoadTransaction.End {
        write(text, to: "services.yaml")
        return await run(LoadRequest(.signal), from: state, control: control)
    }

    /// Serves a request for a load; the file is what was written last.
    func run(
        _ request: LoadRequest,
        from state: RunningState,
        control: LoadControl = LoadControl(),
        committed: @Sendable (Commit) -> Void = { _ in }
    ) async -> LoadTransaction.End {
        await transaction.run(request, from: state, control: control, committed: committed)
    }

    /// What a reload of `text` would do.
    func plan(_ text: String, from state: RunningState) async -> Verdict {
        write(text, to: "services.yaml")
        return await transaction.plan(file: nil, from: state)
    }

    /// Makes a file of `text` that a configuration can name.
    func write(_ text: String, to path: String) {
        source.set(text, of: path)
    }

    func remove(_ path: String) { source.remove(path) }

    /// Loads the texts as they are.
    func load(from state: RunningState) async -> LoadTransaction.End {
        await run(LoadRequest(.signal), from: state)
    }

    /// Everything that a roll-back must leave as it was.
    func traces() async -> Traces {
        Traces(
            descriptors: calls.open,
            inodes: listeners.inodes().map { "\($0) \($1)" }.sorted(),
            children: await tree.snapshot().map { "\($0.id.name) \($0.id.generation) \($0.state)" },
            members: ["bridge@0", "bridge@1", "bridge@2"].map { pools.upstream(of: $0, generation: 0)?.id ?? "-" }
        )
    }

    /// What can be seen of a running daemon from outside of its values.
    struct Traces: Hashable {
        var descriptors: Set<Int32>
        var inodes: [String]
        var children: [String]
        var members: [String]
    }

    /// Runs a tree beside `body`, shuts it down afterwards and gives up every address.
    static func run(
        warden: String = "/nonexistent/warden",
        _ body: (LoadRig) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let rig = LoadRig(group: group, warden: warden)
        try await withThrowingDiscardingTaskGroup { tasks in
            tasks.addTask { _ = await rig.tree.run() }
            tasks.addTask { _ = await rig.front.run() }
            do {
                try await body(rig)
                rig.end()
            } catch {
                rig.end()
                throw error
            }
        }
        try await group.shutdownGracefully()
    }

    private func end() {
        listeners.retireAll()
        tree.shutDown(limit: .seconds(5))
        front.shutDown(limit: .seconds(5))
    }
}

/// The files that the next load reads.
private final class TextSource: Sendable {
    private let texts = Mutex<[String: String]>([:])

    func content(of path: String) -> Result<[UInt8], Surroundings.FileProblem> {
        guard let text = texts.withLock({ $0[path] }) else { return .failure(.init("no such file")) }
        return .success(Array(text.utf8))
    }

    /// The names in a folder, as `conf.d/`, which is there while a file is in it.
    func names(in folder: String) -> [String]? {
        let names = texts.withLock {
            $0.keys.filter { $0.hasPrefix(folder) }.map { String($0.dropFirst(folder.count)) }
        }
        return names.isEmpty ? nil : names
    }

    func remove(_ path: String) { texts.withLock { $0[path] = nil } }

    func set(_ text: String, of path: String) { texts.withLock { $0[path] = text } }
}

/// An endpoint of the daemon that never comes to be, as one whose default address is somebody else's.
private struct AbsentEndpoint: ConfigurableService {
    struct Absent: Error {}

    func prepare() async throws -> PreparedService { throw Absent() }

    func apply(_ specification: ServiceSpecification, generation: UInt64) {}
}
