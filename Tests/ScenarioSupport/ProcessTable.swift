package import Glibc

/// What `/proc` shows of a process.
package enum ProcessTable {
    /// The open descriptors and what each is.
    package static func descriptors(of pid: pid_t) -> [Int: String] {
        let folder = "/proc/\(pid)/fd"
        var found: [Int: String] = [:]
        for name in FileText.names(in: folder) {
            if let number = Int(name), let target = FileText.target(ofLink: folder + "/" + name) {
                found[number] = target
            }
        }
        return found
    }

    /// Whether a process lives; one that has ended and was not reaped does not.
    package static func isRunning(_ pid: pid_t) -> Bool {
        guard let text = FileText.readIfPresent("/proc/\(pid)/stat"), let record = ProcessRecord(stat: text)
        else { return false }
        return !record.isZombie
    }

    /// A field of `/proc/PID/status`, as `VmHWM` or `SigBlk`.
    package static func field(_ name: String, of pid: pid_t) throws -> String {
        let text = try FileText.read("/proc/\(pid)/status")
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name + ":") }) else {
            throw ScenarioFailure("cannot find \(name) in the status of process \(pid)")
        }
        return line.dropFirst(name.count + 1).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// The environment with which a process was started.
    package static func environment(of pid: pid_t) throws -> [String] {
        try FileText.read("/proc/\(pid)/environ").split(separator: "\0").map(String.init).sorted()
    }

    package static func command(of pid: pid_t) throws -> String {
        String(try FileText.read("/proc/\(pid)/comm").prefix { $0 != "\n" })
    }

    /// The listening TCP sockets of a process.
    ///
    /// Descriptors that share one socket count once: it is the socket's identity that must survive a reload.
    package static func listeners(of pid: pid_t) throws -> Set<ListeningSocket> {
        let prefix = "socket:["
        let owned = Set(
            descriptors(of: pid).values.filter { $0.hasPrefix(prefix) }
                .compactMap { UInt64($0.dropFirst(prefix.count).dropLast()) }
        )
        var found: Set<ListeningSocket> = []
        for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
            for line in listeningLines(of: try FileText.bytes(table)) {
                guard let socket = ListeningSocket(tableLine: line), owned.contains(socket.inode) else { continue }
                found.insert(socket)
            }
        }
        return found
    }

    /// The lines of listening sockets in a table that a load of connects fills with ten thousands of others.
    private static func listeningLines(of table: [UInt8]) -> [Substring] {
        // The queues that follow are not empty where clients wait, or where the socket was shut down before.
        let state = " 0A "
        return (table + [0]).withUnsafeBytes { bytes in
            guard let start = bytes.bindMemory(to: CChar.self).baseAddress else { return [] }
            var lines: [Substring] = []
            var place = strstr(start, state)
            while let found = place {
                var first = found
                while first > UnsafeMutablePointer(mutating: start), first[-1] != 10 { first -= 1 }
                var end = found
                while end.pointee != 10, end.pointee != 0 { end += 1 }
                let line = UnsafeRawBufferPointer(start: first, count: end - first)
                lines.append(Substring(String(decoding: line, as: UTF8.self)))
                place = strstr(end, state)
            }
            return lines
        }
    }

    /// Every process, the finished ones that nobody has reaped included, which carries a mark in its environment.
    package static func processes(markedBy mark: String) -> [pid_t] {
        FileText.names(in: "/proc").compactMap { pid_t($0) }
            .filter { $0 != getpid() && (FileText.readIfPresent("/proc/\($0)/environ") ?? "").contains(mark) }
    }
}
