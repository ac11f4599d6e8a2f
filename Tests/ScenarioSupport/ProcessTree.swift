package import Glibc

/// A snapshot of the processes of the machine and who descends from whom.
package struct ProcessTree: Sendable {
    private let children: [pid_t: [ProcessRecord]]

    package init() {
        var children: [pid_t: [ProcessRecord]] = [:]
        for name in FileText.names(in: "/proc") where pid_t(name) != nil {
            guard let text = FileText.readIfPresent("/proc/\(name)/stat"), let record = ProcessRecord(stat: text)
            else { continue }
            children[record.parent, default: []].append(record)
        }
        self.children = children
    }

    package func children(of pid: pid_t) -> [ProcessRecord] {
        children[pid, default: []]
    }

    /// Everything below a process, the zombies included.
    package func descendants(of pid: pid_t) -> [ProcessRecord] {
        var found: [ProcessRecord] = []
        var waiting = children(of: pid)
        while let record = waiting.popLast() {
            found.append(record)
            waiting += children(of: record.pid)
        }
        return found
    }
}
