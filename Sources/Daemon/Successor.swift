import Glibc
import NIOCore
import Processes
import Sockets

/// The daemon that is to take the place of this one: the program that is at its path by now, with its arguments, its
/// environment and its listening sockets.
struct Successor: Sendable {
    /// The variable with the process id of the daemon whose place is taken.
    static let variable = "SUPERVISOR_PREDECESSOR"
    /// The name of the link among the passed descriptors.
    static let linkName = "predecessor"
    /// What is said to this process alone.
    private static let ownVariables = [
        variable, "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "WATCHDOG_PID",
    ]

    let pid: Int32
    let link: HandoverLink

    /// Starts it.
    ///
    /// - Parameters:
    ///   - executable: The path of this program, as it was at its start.
    ///   - sockets: What it goes on with; closed when this returns, as far as nobody else has them.
    ///   - loop: Where the link is read.
    ///   - tookOver: Hears that it serves.
    ///   - ended: Hears that it has ended.
    /// - Returns: The process, which has not taken over yet.
    /// - Throws: Why it cannot be started.
    static func start(
        _ executable: String,
        with sockets: [KeptSocket],
        on loop: any EventLoop,
        tookOver: @escaping @Sendable () -> Void,
        ended: @escaping @Sendable () -> Void
    ) async throws -> Successor {
        let (mine, theirs) = try HandoverLink.pair()
        let link = try await HandoverLink.open(mine, on: loop, heard: tookOver, ended: ended)
        defer { close(theirs) }
        do {
            let names = [linkName] + sockets.map(\.name)
            let pid = try Replacement.start(
                executable,
                arguments: CommandLine.arguments,
                environment: environment(passing: names),
                descriptors: [theirs] + sockets.map(\.descriptor)
            )
            return Successor(pid: pid, link: link)
        } catch {
            await link.close()
            throw error
        }
    }

    private static func environment(passing names: [String]) -> [String] {
        let inherited = Environment.all.filter { entry in
            !ownVariables.contains { entry.hasPrefix("\($0)=") }
        }
        return inherited + [
            "\(variable)=\(getpid())", "LISTEN_FDS=\(names.count)", "LISTEN_FDNAMES=\(names.joined(separator: ":"))",
        ]
    }
}
