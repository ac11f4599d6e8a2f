/// How a process ended (wait(2)).
package enum ExitStatus: Hashable, Sendable {
    case code(Int32)
    case signal(Int32, dumpedCore: Bool)
}

extension ExitStatus: CustomStringConvertible {
    package var description: String {
        switch self {
        case .code(let code): "exit code \(code)"
        case .signal(let signal, let dumpedCore): "signal \(signal)\(dumpedCore ? ", core dumped" : "")"
        }
    }
}

extension ExitStatus {
    /// The status as wait(2) encodes it, of a process that has ended.
    init(waitStatus: Int32) {
        let signal = waitStatus & 0x7f
        self = signal == 0 ? .code(waitStatus >> 8 & 0xff) : .signal(signal, dumpedCore: waitStatus & 0x80 != 0)
    }
}
