import Glibc

/// Tells the service manager about the daemon's state: sd_notify(3), datagrams to `$NOTIFY_SOCKET`.
///
/// Without that variable every call does nothing. A message that cannot be sent at once is dropped, also when the
/// reader's
/// queue is full: the service manager's own time limits notice it, and the daemon's work does not depend on it.
struct SystemdNotifier: Sendable {
    private static let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)

    /// The address of the service manager's socket; nil when there is none.
    private let path: String?
    /// How often `WATCHDOG=1` is expected, as `$WATCHDOG_USEC` says; nil when no watchdog is wanted.
    let watchdogInterval: Duration?

    init(variable: (String) -> String?) {
        path = variable("NOTIFY_SOCKET").flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
        let isForUs = variable("WATCHDOG_PID").map { $0 == "\(getpid())" } ?? true
        watchdogInterval = variable("WATCHDOG_USEC").flatMap { Int64($0) }
            .flatMap { $0 > 0 && isForUs ? .microseconds($0) : nil }
    }

    func ready(status: String) {
        send(["READY=1", "STATUS=\(status)"])
    }

    /// Announces a reload; `ready(status:)` must follow, whatever comes of it.
    func reloading() {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        send(["RELOADING=1", "MONOTONIC_USEC=\(Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000)"])
    }

    func stopping(status: String) {
        send(["STOPPING=1", "STATUS=\(status)"])
    }

    func watchdog() {
        send(["WATCHDOG=1"])
    }

    private func send(_ assignments: [String]) {
        guard let path else { return }
        let message = Array(assignments.map { $0.replacing("\n", with: " ") }.joined(separator: "\n").utf8)
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        // A leading "@" stands for the NUL byte of the abstract namespace (unix(7)).
        if name.first == UInt8(ascii: "@") { name[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout.offset(of: \sockaddr_un.sun_path).unsafelyUnwrapped + name.count)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                _ = sendto(descriptor, message, message.count, Self.flags, pointer, length)
            }
        }
    }
}
