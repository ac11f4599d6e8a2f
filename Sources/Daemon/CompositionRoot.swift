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
    ///   - watchesFiles: True when a change of a file of the configuration reloads it.
    /// - Returns: The exit code of the process.
    package static func run(file: String, version: String, watchesFiles: Bool = false) -> Int32 {
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
            end.succeed(await run(identity, passed, watchesFiles, group: group, control: loop))
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
        _ watchesFiles: Bool,
        group: any EventLoopGroup,
        control: any EventLoop
    ) async -> Int32 {
        let sink = LogSink(descriptor: STDERR_FILENO, settings: LogSettings())
        let (events, feed) = AsyncStream.makeStream(of: DaemonLoop.Happening.self)
        do {
            var inherited = passed
            let predecessor = try await Predecessor.open(&inherited, on: control)
            // Their loop is that of the tree, so that no restart waits for another thread to be woken.
            let warden = Warden(group: control, adoptsOrphans: true, admission: admission(after: predecessor))
            let signals = try await SignalSource.open(
                on: control,
                yield: { feed.yield(.event($0)) },
                reap: { Warden.reapStrays() }
            )
            let files = try await watchesFiles ? FileWatch.open(on: control) { feed.yield(.event(.filesChanged)) } : nil
            let notifier = SystemdNotifier(variable: Environment.variable)
            let parts = DaemonParts(
                identity: identity,
                events: EventJournal { Timestamp.now() },
                group: group,
                control: control,
                warden: warden,
                notifier: notifier,
                inherited: inherited,
                predecessor: predecessor,
                watch: files?.watch,
                sink: sink,
                log: Logger(label: "supervisor") { _ in SinkLogHandler(sink: sink) },
                feed: feed
            )
            let code = await DaemonLoop(parts).run(events)
            await warden.close()
            await predecessor?.close()
            try await files?.channel.close()
            try await signals.close()
            try await notifier.close(on: control)
            try await sink.close(on: control)
            return code
        } catch {
            return fail("cannot watch signals or files, or end the log or the notifications: \(error)")
        }
    }

    /// Programs are started when those of the daemon before have ended: they may want the same ports and files.
    private static func admission(after predecessor: Predecessor?) -> @Sendable () async -> Bool {
        guard let signal = predecessor?.hasNoPrograms else { return { true } }
        return {
            await signal.wait()
            return signal.isFired
        }
    }

    private static func fail(_ message: String, code: Int32 = ExitCode.gaveUp) -> Int32 {
        let line = message + "\n"
        _ = write(STDERR_FILENO, line, line.utf8.count)
        return code
    }
}
