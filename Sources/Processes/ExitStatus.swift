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
