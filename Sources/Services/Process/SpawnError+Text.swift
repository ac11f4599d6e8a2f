import Glibc
import Processes

extension SpawnError {
    /// The failure as a crash text.
    var failureText: String {
        if step == "run", errno == ENOENT, case .script(let interpreter) = ProgramHead(of: program) {
            return "cannot run \(program): its interpreter \(interpreter) is not there; install it, or correct the "
                + "first line"
        }
        return
            "cannot \(step) \(program): \(String(cString: strerror(errno))); correct it, or the settings of the service"
    }
}
