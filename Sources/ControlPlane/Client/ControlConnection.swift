import Glibc

/// A connection to a control socket; every wait has a limit.
///
/// Blocking calls on the only thread of a verb: a loop and its threads would cost more than most answers.
struct ControlConnection: ~Copyable {
    /// The daemon accepts on a loop that is never busy for long; a stopped one fills its queue.
    private static let connectLimit = 5
    private static let chunk = 64 * 1024

    private let descriptor: Int32
    private let path: String
    private var buffer = [UInt8](repeating: 0, count: chunk)

    init(to path: String) throws(ControlFailure) {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Self.failure(errno, path) }
        var limit = timeval(tv_sec: Self.connectLimit, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let descriptor = descriptor
        let error = SocketPath.withAddress(path) { address, length in
            connect(descriptor, address, length) == 0 ? 0 : errno
        }
        guard let error else { throw .pathTooLong(path) }
        if error != 0 { throw Self.failure(error, path) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    borrowing func send(_ bytes: [UInt8]) throws(ControlFailure) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(
                    descriptor,
                    $0.baseAddress?.advanced(by: sent),
                    bytes.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
            }
            if count < 0, errno == EINTR { continue }
            // A daemon that refuses closes early; its answer may be there to be read.
            if count < 0, errno == EPIPE { return }
            guard count >= 0 else { throw Self.failure(errno, path) }
            sent += count
        }
    }

    /// What comes next; empty at the end, nil when nothing came within `limit`.
    mutating func receive(within limit: Duration?) throws(ControlFailure) -> ArraySlice<UInt8>? {
        let milliseconds = limit.map { Int32(clamping: Int64($0 / .milliseconds(1)) + 1) } ?? -1
        while true {
            var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&waited, 1, milliseconds)
            if ready == 0 { return nil }
            let count = ready < 0 ? -1 : read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.failure(errno, path) }
            return buffer[..<count]
        }
    }

    private static func failure(_ error: Int32, _ path: String) -> ControlFailure {
        switch error {
        case ENOENT, ENOTDIR: return .noDaemon([path])
        case EACCES, EPERM: return .notPermitted(path)
        case ECONNRESET: return .wentAway(path)
        case EAGAIN: return .silent(path, .seconds(connectLimit))
        case ECONNREFUSED:
            // The kernel says the same of a file that is no socket at all.
            var status = stat()
            let isOther = stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFSOCK
            return isOther ? .notASocket(path) : .stale(path)
        case _: return .system(path, String(cString: strerror(error)).lowercased())
        }
    }
}
