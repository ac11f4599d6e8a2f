package import Glibc

/// One line of the kernel's table of processes.
package struct ProcessRecord: Sendable, CustomStringConvertible {
    package let pid: pid_t
    package let parent: pid_t
    package let command: String
    /// The letter of `/proc/PID/stat`; `Z` is a process that has ended and that nobody has reaped.
    package let state: Character

    package var isZombie: Bool { state == "Z" || state == "X" }
    package var description: String { "\(command) (pid \(pid), parent \(parent), state \(state))" }

    /// A `/proc/PID/stat`; the command may contain anything, a closing parenthesis too.
    init?(stat text: String) {
        guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")"),
            let pid = pid_t(text[..<open].dropLast())
        else { return nil }
        let fields = text[close...].split(separator: " ")
        guard fields.count > 2, let state = fields[1].first, let parent = pid_t(fields[2]) else { return nil }
        self.pid = pid
        self.parent = parent
        self.state = state
        command = String(text[text.index(after: open)..<close])
    }
}
