import CLinux
import Glibc
import NIOCore
import Sockets

/// Tells the service manager about the daemon's state: sd_notify(3), datagrams to `$NOTIFY_SOCKET`.
///
/// Without that variable every call does nothing. Messages are sent in order by a thread of their own: a service
/// manager that does not read holds up nothing, and misses no `READY=1` because of a burst.
struct SystemdNotifier: Sendable {
    /// Messages that may wait for a slow service manager; more are dropped.
    private static let queueLimit = 1_000

    /// The address of the service manager's socket; nil when there is none.
    private let path: String?
    private let outbox: Outbox?
    /// How often `WATCHDOG=1` is expected, as `$WATCHDOG_USEC` says; nil when no watchdog is wanted.
    let watchdogInterval: Duration?

    init(variable: (String) -> String?) {
        path = variable("NOTIFY_SOCKET").flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
        outbox = path.map { _ in Outbox(limit: Self.queueLimit) }
        let isForUs = variable("WATCHDOG_PID").map { $0 == "\(getpid())" } ?? true
        watchdogInterval = variable("WATCHDOG_USEC").flatMap { Int64($0) }
            .flatMap { $0 > 0 && isForUs ? .microseconds($0) : nil }
    }

    /// Sends what waits, as far as somebody reads it.
    func close(on loop: any EventLoop) async throws {
        try await outbox?.close(on: loop)
    }

    func ready(status: String) {
        send(["READY=1", "STATUS=\(status)"])
    }

    /// Says how far the daemon is, and not that it has started.
    func status(_ status: String) {
        send(["STATUS=\(status)"])
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

    /// From now on another process is the service's.
    func handOver(to pid: Int32) {
        send(["MAINPID=\(pid)"])
    }

    func watchdog() {
        send(["WATCHDOG=1"])
    }

    /// Lets the service manager keep listening sockets for the next start, and let go of others, in one turn.
    ///
    /// - Returns: False when too much waits already; nothing is sent then.
    func keep(_ sockets: [KeptSocket], releasing names: Set<String>) -> Bool {
        guard let path, let outbox else { return false }
        return outbox.submit {
            for name in names { Self.send(Self.message(["FDSTOREREMOVE=1", "FDNAME=\(name)"]), to: path) }
            for socket in sockets {
                // A listening socket never hangs up; it is not to be dropped because of an error of a datagram.
                let message = Self.message(["FDSTORE=1", "FDNAME=\(socket.name)", "FDPOLL=0"])
                Self.send(message, with: socket.descriptor, to: path)
            }
        }
    }

    private func send(_ assignments: [String]) {
        guard let path, let outbox else { return }
        let message = Self.message(assignments)
        // What is refused or cannot be sent is dropped: the daemon's work does not depend on it.
        _ = outbox.submit { Self.send(message, to: path) }
    }

    private static func message(_ assignments: [String]) -> [UInt8] {
        Array(assignments.map { $0.replacing("\n", with: " ") }.joined(separator: "\n").utf8)
    }

    private static func send(_ message: [UInt8], with passed: Int32 = -1, to path: String) {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { Glibc.close(descriptor) }
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
                _ = clinux_notify(descriptor, message, message.count, pointer, length, passed)
            }
        }
    }
}
