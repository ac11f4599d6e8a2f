import ControlPlane
import ServiceConfiguration

/// How many descriptors a configuration needs before its first connection.
struct DescriptorNeed {
    /// What the daemon itself uses: event loops, signals, logs, the reserve for accepting at the limit.
    private static let own = 64
    /// The table's descriptor of an address and the service's duplicate.
    private static let perAddress = 2

    let count: Int

    init(of configuration: Configuration) {
        count = Self.own + Self.perAddress * configuration.services.reduce(0) { $0 + $1.listen.count }
    }

    func error(limit: Int, file: String) -> LoadError? {
        guard count > limit else { return nil }
        return LoadError(
            kind: .descriptors,
            position: SourcePosition(file: file, line: 1, column: 1),
            message: "cannot open \(count) descriptors, the limit is \(limit): raise RLIMIT_NOFILE or listen on fewer "
                + "addresses"
        )
    }
}
