import Glibc
import ServiceConfiguration
import Services

/// A client of the control API: one connection for each request, one answer, everything bounded.
package struct ControlClient: Sendable {
    /// An answer with its text, for whoever wants the JSON itself.
    package struct Answer<Value: Sendable>: Sendable {
        package var value: Value
        package var text: String
    }

    /// What happens beside a wait: every `interval`, with the time since the request.
    package struct Watch {
        var interval: Duration
        var tell: (Duration) -> Void

        package init(every interval: Duration, _ tell: @escaping (Duration) -> Void) {
            self.interval = interval
            self.tell = tell
        }
    }

    /// The status of 10,000 services, or a list of 10,000 connections, has some megabytes.
    package static let usualLimit = 64 * 1024 * 1024
    /// An event has one line for a person and a few numbers.
    private static let lineLimit = 1024 * 1024

    package let path: String
    private let bodyLimit: Int

    /// - Throws: `noDaemon` when there is nothing at any of the places.
    package init(_ candidates: ControlSocketCandidates, bodyLimit: Int = usualLimit) throws(ControlFailure) {
        self.bodyLimit = bodyLimit
        let found =
            candidates.named.map { Self.isThere($0) ? $0 : nil }
            ?? candidates.defaults.first { Self.isOurs($0) && Self.isThere($0.path) }?.path
        guard let found else { throw .noDaemon(candidates.paths) }
        path = found
    }

    /// One that may not be looked at is there: opening it says why not.
    private static func isThere(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 || errno == EACCES
    }

    /// Anyone can make the folder in the temporary folder, so one that belongs to somebody else does not count.
    private static func isOurs(_ path: ControlSocketPath) -> Bool {
        guard path.kind == .temporary else { return true }
        do throws(ControlSocketFolder.Problem) {
            try ControlSocketFolder.check(path)
            return true
        } catch {
            return false
        }
    }

    /// The answer to a request, decoded; `refused` is thrown when the daemon says no.
    package func answer<Value: Decodable & Sendable>(
        _ type: Value.Type,
        to request: ControlRequest,
        watch: Watch? = nil
    ) throws -> Answer<Value> {
        var body: [UInt8] = []
        let status = try perform(request, watch: watch) { _, bytes in
            body += bytes
            guard body.count <= bodyLimit else { throw ControlFailure.tooLong(path, bodyLimit) }
        }
        // A verdict that is no success comes with the status of an error, a refusal never with 200.
        if status != 200, let refusal = decoded(Refusal.self, body) { throw ControlFailure.refused(refusal) }
        guard let value = decoded(type, body) else { throw ControlFailure.notOurs(path) }
        // The daemon ends the document as a line; whoever prints it ends the line again.
        if body.last == UInt8(ascii: "\n") { body.removeLast() }
        return Answer(value: value, text: String(decoding: body, as: UTF8.self))
    }

    /// Follows a stream until it ends in order; `take` gets each line, as it came and decoded.
    package func lines<Value: Decodable>(
        _ type: Value.Type,
        of request: ControlRequest,
        _ take: (String, Value) throws -> Void
    ) throws {
        var buffer: [UInt8] = []
        let status = try perform(request) { status, bytes in
            buffer += bytes
            guard status == 200 else {
                guard buffer.count <= Self.lineLimit else { throw ControlFailure.notOurs(path) }
                return
            }
            var start = 0
            while let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(buffer[start..<end])
                start = end + 1
                if line.isEmpty { continue }
                guard line.count <= Self.lineLimit else { throw ControlFailure.tooLong(path, Self.lineLimit) }
                guard let value = decoded(type, line) else { throw ControlFailure.notOurs(path) }
                try take(String(decoding: line, as: UTF8.self), value)
            }
            buffer.removeFirst(start)
            guard buffer.count <= Self.lineLimit else { throw ControlFailure.tooLong(path, Self.lineLimit) }
        }
        if status == 200, buffer.isEmpty { return }
        if let refusal = decoded(Refusal.self, buffer) { throw ControlFailure.refused(refusal) }
        throw ControlFailure.notOurs(path)
    }

    private func decoded<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) -> Value? {
        do {
            return try JSONFormat.value(type, from: bytes)
        } catch {
            return nil
        }
    }

    /// Sends the request, hands the body over as it comes, and returns the status.
    private func perform(
        _ request: ControlRequest,
        watch: Watch? = nil,
        _ receive: (Int, ArraySlice<UInt8>) throws -> Void
    ) throws -> Int {
        var connection = try ControlConnection(to: path)
        try connection.send(request.bytes)
        let start = ContinuousClock.now
        var reader = ResponseReader()
        while !reader.isDone {
            guard let bytes = try connection.receive(within: watch?.interval ?? request.silence) else {
                guard let watch else { throw ControlFailure.silent(path, request.silence ?? .zero) }
                watch.tell(ContinuousClock.now - start)
                continue
            }
            var part: [UInt8] = []
            do {
                if bytes.isEmpty { try reader.end() } else { part = try reader.take(bytes) }
            } catch ResponseReader.Malformed.truncated {
                throw ControlFailure.wentAway(path)
            } catch {
                throw ControlFailure.notOurs(path)
            }
            if !part.isEmpty { try receive(reader.status, part[...]) }
        }
        return reader.status
    }
}
