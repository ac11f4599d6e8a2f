package import NIOCore

/// Starts programs, and sees to it that none of their descendants outlives this process.
package final class Warden: Sendable {
    private let group: any EventLoopGroup

    /// - Parameters:
    ///   - group: The event loops on which children are watched and their output is read.
    ///   - executable: The program that turns into the warden when its `argv[0]` says so.
    package init(group: any EventLoopGroup, executable: String = "/proc/self/exe") {
        self.group = group
    }

    /// Starts the warden process, unless it runs.
    package func start() async throws(SpawnError) {
        throw SpawnError(step: "run", program: "warden", errno: 38)
    }

    /// Runs a program in a session of its own.
    ///
    /// - Parameters:
    ///   - request: What to run.
    ///   - receive: Hears what happens, in order, on an event loop; must not block.
    /// - Returns: The running program, when its image has been executed.
    /// - Throws: What failed before that; nothing is left then.
    package func spawn(
        _ request: SpawnRequest,
        receive: @escaping @Sendable (ProcessEvent) -> Void
    ) async throws(SpawnError) -> ChildProcess {
        throw SpawnError(step: "run", program: request.program, errno: 38)
    }

    /// Ends the warden process; every child has been waited for.
    package func close() async {}
}
