import ControlPlane
import Glibc

/// What of the daemon stays the same for its whole life.
struct DaemonIdentity: Sendable {
    /// The version of the program.
    var version: String
    /// The configuration file, as the user named it.
    var file: String
    private let start = ContinuousClock.now

    init(version: String, file: String) {
        self.version = version
        self.file = file
    }

    /// A status with nothing but the identity and the present time.
    var status: DaemonStatus {
        var status = DaemonStatus(version: version, pid: getpid(), configuration: file, at: Timestamp.now())
        status.uptimeSeconds = start.duration(to: .now).roundedSeconds
        return status
    }
}

extension Duration {
    /// Seconds, to the millisecond: what the control API shows.
    var roundedSeconds: Double { (self / .milliseconds(1)).rounded() / 1_000 }
}
