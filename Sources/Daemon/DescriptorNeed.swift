import ControlPlane
import ServiceConfiguration

/// How many descriptors a configuration needs before its first connection.
struct DescriptorNeed {
    /// What the daemon itself uses: event loops, signals, logs, the reserve for accepting at the limit.
    private static let own = 64
    /// The table's descriptor of an address and the service's duplicate.
    private static let perAddress = 2
    /// The socket to the warden.
    private static let warden = 1
    /// The socket to the keeper of a program, and the connection of a probe.
    private static let perProcess = 2
    /// The pipes of standard output and standard error, when their lines go to the log.
    private static let perOutput = 2

    let count: Int

    init(of configuration: Configuration) {
        let addresses = configuration.services.reduce(0) { $0 + $1.listen.count }
        let processes = configuration.services.compactMap { service in
            if case .process(let process) = service.kind { process } else { nil }
        }
        let piped = processes.count { $0.output == .log }
        count =
            Self.own + Self.perAddress * addresses + (processes.isEmpty ? 0 : Self.warden)
            + Self.perProcess * processes.count + Self.perOutput * piped
    }

    func error(limit: Int, file: String) -> LoadError? {
        guard count > limit else { return nil }
        return LoadError(
            kind: .descriptors,
            position: SourcePosition(file: file, line: 1, column: 1),
            message: "cannot open \(count) descriptors, the limit is \(limit): raise RLIMIT_NOFILE, or listen on "
                + "fewer addresses and run fewer processes"
        )
    }
}
