package import Glibc

/// What strace saw of a running process.
package struct SystemCallTrace: Sendable {
    package struct Call: Sendable, CustomStringConvertible {
        package let time: Double
        package let thread: Int
        package let name: String
        package let line: String

        package var description: String { line }
    }

    package let calls: [Call]
    package let seconds: Double

    /// Attaching interrupts what every thread waits in, and the wait is then begun again: that is strace's doing.
    private static let settlingSeconds = 0.5

    /// Watches a process for a time.
    package static func watch(_ pid: pid_t, seconds: Int, folder: String) throws -> SystemCallTrace {
        let (output, messages) = (folder + "/strace.out", folder + "/strace.messages")
        try FileText.write("", to: messages)
        let whole = "\(Double(seconds) + settlingSeconds)"
        // `timeout` ends strace with SIGINT, upon which strace detaches and the daemon goes on.
        let status = try ChildProcess.run(
            Command(
                Command.program("timeout"),
                ["-s", "INT", whole, Command.program("strace"), "-f", "-ttt", "-o", output, "-p", "\(pid)"],
                environment: ["PATH": "/usr/bin:/bin"],
                errorPath: messages
            ),
            within: .seconds(seconds + 20)
        )
        guard status == .exited(124), try FileText.read(messages).contains("attached") else {
            throw ScenarioFailure("cannot trace the daemon: \(status) \(try FileText.read(messages))")
        }
        return SystemCallTrace(text: try FileText.read(output), seconds: Double(seconds))
    }

    private init(text: String, seconds: Double) {
        self.seconds = seconds
        let all = text.split(separator: "\n").compactMap { Self.call(in: $0) }
        let start = (all.first?.time ?? 0) + Self.settlingSeconds
        calls = all.filter { $0.time >= start }
    }

    /// A line such as `4711 1700000000.123456 epoll_wait(3, [], 4096, -1) = 0`.
    private static func call(in line: Substring) -> Call? {
        let fields = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: true)
        guard fields.count == 3, let thread = Int(fields[0]), let time = Double(fields[1]) else { return nil }
        // The end of a call that was counted when it began, and the marks of the detaching.
        guard !fields[2].contains("<detached ...>"), !fields[2].hasPrefix("<..."), !fields[2].hasPrefix("---"),
            !fields[2].hasPrefix("+++")
        else { return nil }
        return Call(time: time, thread: thread, name: String(fields[2].prefix { $0 != "(" }), line: String(line))
    }
}
