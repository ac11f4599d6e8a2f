import Addresses
import Glibc
import Logging
import NIOCore
import NIOPosix
import Processes
import ServiceConfiguration
import Sockets
import Supervision
import TestSupport
import Testing

@testable import Services

/// A supervisor of one process service with a warden of its own, and everything that a test observes.
struct ProcessRig: Sendable {
    /// What the program writes goes to a journal line by line.
    private struct Lines: LineReceiver {
        let journal: Journal

        func receive(_ line: ProcessLine) -> Bool {
            journal.write(line.text)
            return true
        }

        func whenReady(_ resume: @escaping @Sendable () -> Void) { resume() }
    }

    static let position = SourcePosition(file: "services.yaml", line: 1, column: 1)

    let service: ProcessService
    let supervisor: Supervisor
    /// What the supervisor reported; each line as the tests of the supervisor write it.
    let events: RecordedLog
    let output: Journal
    let specification: ServiceSpecification
    /// Where the program's sockets are bound.
    let addresses: [ListenAddress]

    /// The image of the warden, which is built beside the tests.
    static let wardenImage: String = {
        var buffer = [CChar](repeating: 0, count: 4_096)
        let length = max(0, readlink("/proc/self/exe", &buffer, buffer.count))
        let path = String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let folder = path.lastIndex(of: "/").map { path[..<$0] } ?? ""
        return "\(folder)/WardenRig"
    }()

    /// `sh -c SCRIPT`.
    static func shell(_ script: String, _ change: (inout ProcessSettings) -> Void = { _ in }) -> ProcessSettings {
        var settings = ProcessSettings(program: Located("sh", at: position), arguments: [Secret("-c"), Secret(script)])
        change(&settings)
        return settings
    }

    /// `python3 -c SCRIPT`.
    static func python(_ script: String, _ change: (inout ProcessSettings) -> Void = { _ in }) -> ProcessSettings {
        let arguments = ["-u", "-c", script].map { Secret($0) }
        var settings = ProcessSettings(program: Located("python3", at: position), arguments: arguments)
        change(&settings)
        return settings
    }

    static func specification(_ settings: ProcessSettings, listen: [ListenAddress] = []) -> ServiceSpecification {
        ServiceSpecification(
            name: "program",
            at: position,
            kind: .process(settings),
            listen: listen.map { Located($0, at: position) }
        )
    }

    /// Prepares and runs the service for the time of `body`, then stops it.
    static func run(
        _ settings: ProcessSettings,
        listen: [ListenAddress] = [],
        watchdog: Duration? = nil,
        restart mode: RestartPolicy.Mode = .never,
        _ body: (ProcessRig) async throws -> Void
    ) async throws {
        var specification = specification(settings, listen: listen)
        specification.watchdog = watchdog
        let group = MultiThreadedEventLoopGroup.singleton
        let listeners = ListenerTable()
        switch listeners.stage(specification.listenRequests) {
        case .staged(let staged): staged.commit()
        case .failed(let failures): throw try #require(failures.first)
        }
        let addresses = specification.listenRequests.compactMap { listeners.address(of: $0) }
        let events = RecordedLog()
        let output = Journal()
        let warden = Warden(group: group, executable: wardenImage)
        let service = ProcessService(
            specification,
            warden: warden,
            listeners: listeners,
            group: group,
            log: events.logger,
            output: Lines(journal: output)
        )
        let logger = events.logger
        let supervisor = Supervisor { logger.info("\($0.line)") }
        let rig = ProcessRig(
            service: service,
            supervisor: supervisor,
            events: events,
            output: output,
            specification: specification,
            addresses: addresses
        )
        do {
            try await rig.supervise(mode, body)
        } catch {
            await warden.close()
            throw error
        }
        await warden.close()
        listeners.retireAll()
        #expect(listeners.inodes().isEmpty)
    }

    private func supervise(_ mode: RestartPolicy.Mode, _ body: (ProcessRig) async throws -> Void) async throws {
        var policy = RestartPolicy()
        policy.mode = mode
        policy.initialDelay = .zero
        policy.intensity = 1_000
        let child = ChildSpecification(
            id: ChildID(name: "program", generation: 1),
            requires: [],
            restart: policy,
            drain: .seconds(50),
            essential: false,
            service: service
        )
        var change = TreeChange()
        change.start = [PreparedChild(child, prepared: try await service.prepare())]
        let tree = change
        await withDiscardingTaskGroup { group in
            group.addTask { _ = await supervisor.run() }
            group.addTask { _ = await supervisor.apply(tree) }
            do { try await body(self) } catch { Issue.record(error) }
            supervisor.shutDown(limit: .seconds(50))
        }
    }

    /// Suspends until the supervisor has reported a line that contains `text`.
    func wait(for text: String) async { await events.wait(for: text) }

    /// The pid of the program that runs now, from the log.
    func pid() throws -> Int32 {
        let line = try #require(events.lines.last { $0.contains("pid=") })
        return try #require(Int32(line.split(separator: "=").last ?? ""))
    }

    /// Settings that are the present ones but for a change, as a reload applies them.
    func apply(_ change: (inout ProcessSettings) -> Void) {
        guard case .process(var settings) = specification.kind else { return }
        change(&settings)
        var specification = specification
        specification.kind = .process(settings)
        service.apply(specification, generation: 2)
    }
}
