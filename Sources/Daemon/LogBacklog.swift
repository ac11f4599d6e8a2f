/// How much text waits for the reader of the log, and who waits until it is less.
///
/// Pure. Programs may fill half of the queue; the other half is for what the daemon itself has to say.
struct LogBacklog {
    /// Lines that may wait; more are dropped and counted.
    ///
    /// At 200 bytes a line this is about 2 MB.
    static let lineLimit = 10_000
    /// Bytes after which programs wait: a burst of short lines, or some hundred lines of the longest kind.
    static let byteLimit = 4 * 1024 * 1024

    private var lines = 0
    private var bytes = 0
    private var waiting: [@Sendable () -> Void] = []

    /// True when programs are to wait.
    private var isHigh: Bool { lines > Self.lineLimit / 2 || bytes > Self.byteLimit / 2 }
    /// True when programs that waited go on: far enough below the mark that they do not stop again at once.
    private var isCalm: Bool { lines <= Self.lineLimit / 4 && bytes <= Self.byteLimit / 4 }

    /// A text waits from now on.
    ///
    /// - Returns: False when there shall be no more for now.
    mutating func add(bytes count: Int) -> Bool {
        lines += 1
        bytes += count
        return !isHigh
    }

    /// A text has been written or dropped.
    ///
    /// - Returns: Whom to call.
    mutating func remove(bytes count: Int) -> [@Sendable () -> Void] {
        lines -= 1
        bytes -= count
        guard isCalm, !waiting.isEmpty else { return [] }
        defer { waiting = [] }
        return waiting
    }

    /// Keeps `resume` for the time when there is little left.
    ///
    /// - Returns: False when it is to be called at once.
    mutating func wait(_ resume: @escaping @Sendable () -> Void) -> Bool {
        if isCalm { return false }
        waiting.append(resume)
        return true
    }
}
