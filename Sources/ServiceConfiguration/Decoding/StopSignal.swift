/// The signals that may ask a program to stop, by the word of `stop_signal`.
enum StopSignal: String, CaseIterable {
    case term = "TERM"
    case int = "INT"
    case quit = "QUIT"
    case hup = "HUP"
    case usr1 = "USR1"
    case usr2 = "USR2"
    case kill = "KILL"

    /// As signal(7) has it for x86 and ARM: this floor asks no system.
    var number: Int32 {
        switch self {
        case .term: 15
        case .int: 2
        case .quit: 3
        case .hup: 1
        case .usr1: 10
        case .usr2: 12
        case .kill: 9
        }
    }
}
