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

/// Passes the real clock, kernel, files and signals to the floors below, and waits for the end.
package enum CompositionRoot {
    /// Runs the services of a configuration file until shut down; blocks the calling thread, which must be the only
    /// one.
    ///
    /// - Parameters:
    ///   - file: The configuration file, as the user named it.
    ///   - version: The version of the program.
    /// - Returns: The exit code of the process.
    package static func run(file: String, version: String) -> Int32 {
        if let error = DescriptorLimit.error(limit: DescriptorLimit.raise(), loops: System.coreCount) {
            return fail(error, code: ExitCode.unavailable)
        }
        SignalMask.block()
        let passed = PassedDescriptors.take(variable: Environment.variable)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        let control = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = control.next()
        // The one bridge from this thread to asynchronous code. An asynchronous `main` would leave the main thread to
        // libdispatch, which unblocks all signals there: SIGHUP would end the process.
        let end = loop.makePromise(of: Int32.self)
        Task(executorPreference: ControlExecutor(loop)) {
            let identity = DaemonIdentity(version: version, file: file)
            end.succeed(await run(identity, passed, group: group, control: loop))
        }
        do {
            let code = try end.futureResult.wait()
            try group.syncShutdownGracefully()
            try control.syncShutdownGracefully()
            return code
        } catch {
            return fail("cannot end the event loops: \(error)")
        }
    }

    private static func run(
        _ identity: DaemonIdentity,
        _ passed: [InheritedSocket],
        group: any EventLoopGroup,
        control: any EventLoop
    ) async -> Int32 {
        let sink = LogSink(descriptor: STDERR_FILENO, settings: LogSettings())
        let log = Logger(label: "supervisor") { _ in SinkLogHandler(sink: sink) }
        let (events, feed) = AsyncStream.makeStream(of: DaemonLoop.Happening.self)
        // Their loop is that of the tree, so that no restart waits for another thread to be woken.
        let warden = Warden(group: control, adoptsOrphans: true)
        do {
            let signals = try await SignalSource.open(
                on: control,
                yield: { feed.yield(.event($0)) },
                reap: { Warden.reapStrays() }
            )
            let clock = EventLoopClock(loop: control)
            let notifier = SystemdNotifier(variable: Environment.variable)
            let loop = DaemonLoop(
                identity: identity,
                events: EventJournal { Timestamp.now() },
                group: group,
                warden: warden,
                clock: clock,
                notifier: notifier,
                inherited: passed,
                sink: sink,
                log: log,
                feed: feed
            )
            let code = await loop.run(events)
            await warden.close()
            try await signals.close()
            try await notifier.close(on: control)
            try await sink.close(on: control)
            return code
        } catch {
            return fail("cannot watch signals, or end the log or the notifications: \(error)")
        }
    }

    private static func fail(_ message: String, code: Int32 = ExitCode.gaveUp) -> Int32 {
        let line = message + "\n"
        _ = write(STDERR_FILENO, line, line.utf8.count)
        return code
    }
}
