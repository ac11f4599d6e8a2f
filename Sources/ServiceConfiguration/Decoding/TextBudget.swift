/// Bounds what the arguments and variables of all instances together take.
///
/// A few lines can ask for ten thousand instances of a program with ten thousand variables.
final class TextBudget {
    /// Ten thousand programs with forty texts of a hundred bytes each take less.
    private static let limit = 64 << 20
    /// What a text costs besides its bytes.
    private static let overhead = 64

    private let log: DiagnosticLog
    private var used = 0

    init(log: DiagnosticLog) {
        self.log = log
    }

    /// False when nothing more may be made.
    var isLeft: Bool { used <= Self.limit }

    /// Takes what the settings of one instance need; what is too much is reported once.
    func take(_ settings: ProcessSettings, for service: ServiceOutline) {
        guard isLeft else { return }
        used += settings.arguments.reduce(0) { $0 + cost(of: $1) }
        used += settings.environment.reduce(0) { $0 + cost(of: $1.value) + $1.key.utf8.count }
        if case .command(_, let arguments)? = settings.health?.check {
            used += arguments.reduce(0) { $0 + cost(of: $1) }
        }
        guard !isLeft else { return }
        log.report(
            service.position,
            "cannot keep over 64 MiB of arguments and variables for all instances: shorten them or run fewer"
        )
    }

    private func cost(of secret: Secret) -> Int {
        Self.overhead + secret.reveal { $0.utf8.count }
    }
}
