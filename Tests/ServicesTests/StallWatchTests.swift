import Logging
import NIOCore
import NIOPosix
import ServiceConfiguration
import Sockets
import Supervision
import Synchronization
import TestSupport
import Testing

@testable import Services

@Suite(.timeLimit(.minutes(1)))
struct StallWatchTests {
    /// An echo with a watchdog of ten seconds on two event loops, and the clock of its watchdog.
    private static func run(
        watchdog: Duration?,
        _ body: (any EventLoopGroup, StreamService<EchoHandling>, ManualClock, RecordedLog) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let clock = ManualClock()
        let events = RecordedLog()
        let logger = events.logger
        let service = StreamService(
            specification(watchdog),
            handling: EchoHandling(),
            group: group,
            listeners: ListenerTable(),
            clock: clock,
            log: logger
        )
        let supervisor = Supervisor { logger.info("\($0.line)") }
        let child = ChildSpecification(
            id: ChildID(name: "echo", generation: 1),
            requires: [],
            restart: RestartPolicy(),
            drain: .seconds(10),
            essential: false,
            service: service
        )
        var change = TreeChange()
        change.start = [PreparedChild(child, prepared: try await service.prepare())]
        let tree = change
        await withDiscardingTaskGroup { tasks in
            tasks.addTask { _ = await supervisor.run() }
            _ = await supervisor.apply(tree)
            do { try await body(group, service, clock, events) } catch { Issue.record(error) }
            supervisor.shutDown(limit: .seconds(50))
        }
        try await group.shutdownGracefully()
    }

    private static func specification(_ watchdog: Duration?) -> ServiceSpecification {
        let position = SourcePosition(file: "services.yaml", line: 1, column: 1)
        var specification = ServiceSpecification(name: "echo", at: position, kind: .echo, listen: [])
        specification.watchdog = watchdog
        return specification
    }

    /// Keeps an event loop busy until the gate is opened; returns when it is.
    private static func occupy(_ loop: any EventLoop, until gate: BlockingGate) async {
        let isBusy = Gate()
        loop.execute {
            isBusy.open()
            gate.pass()
        }
        await isBusy.pass()
    }

    /// Moves the clock a quarter of ten seconds at a time, as the watch sleeps.
    private static func pass(_ quarters: Int, on clock: ManualClock) async {
        for _ in 0..<quarters {
            await clock.untilSleepers(1)
            clock.advance(by: .milliseconds(2_500))
        }
    }

    @Test
    func `an event loop that is held up blocks the service until it answers`() async throws {
        try await Self.run(watchdog: .seconds(10)) { group, _, clock, events in
            let loop = Array(group.makeIterator())[1]
            let gate = BlockingGate()
            await Self.occupy(loop, until: gate)
            await Self.pass(6, on: clock)
            await events.wait(for: "echo.1 condition: blocked(\"event loop 1 has been silent for 1")
            gate.open()
            await events.wait(for: "echo.1 condition: fine")
        }
    }

    @Test
    func `a service without a watchdog sleeps on nothing, and a reload may give it one`() async throws {
        try await Self.run(watchdog: nil) { group, service, clock, events in
            #expect(clock.sleeperCount == 0)
            service.apply(Self.specification(.seconds(10)), generation: 2)
            let gate = BlockingGate()
            await Self.occupy(group.next(), until: gate)
            await Self.pass(6, on: clock)
            await events.wait(for: "echo.1 condition: blocked")
            service.apply(Self.specification(nil), generation: 3)
            await events.wait(for: "echo.1 condition: fine")
            gate.open()
            await clock.untilSleepers(0)
        }
    }
}
