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
            for line in try FileText.read(table).split(separator: "\n").dropFirst() {
                guard let socket = ListeningSocket(tableLine: line), owned.contains(socket.inode) else { continue }
                found.insert(socket)
            }
        }
        return found
    }

    /// Every process, the finished ones that nobody has reaped included, which carries a mark in its environment.
    package static func processes(markedBy mark: String) -> [pid_t] {
        FileText.names(in: "/proc").compactMap { pid_t($0) }
            .filter { $0 != getpid() && (FileText.readIfPresent("/proc/\($0)/environ") ?? "").contains(mark) }
    }
}
