import Glibc
import Processes

extension SpawnError {
    /// The failure as a crash text.
    var failureText: String {
        "cannot \(step) \(program): \(String(cString: strerror(errno))); correct it, or the settings of the service"
    }
}
