import Glibc

/// The names of the signals that end programs.
enum SignalName {
    static func of(_ number: Int32) -> String {
        switch number {
        case SIGTERM: "SIGTERM"
        case SIGINT: "SIGINT"
        case SIGQUIT: "SIGQUIT"
        case SIGHUP: "SIGHUP"
        case SIGUSR1: "SIGUSR1"
        case SIGUSR2: "SIGUSR2"
        case SIGKILL: "SIGKILL"
        case SIGABRT: "SIGABRT"
        case _: "signal \(number)"
        }
    }
}
