import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// What the status page's address answers: nothing but views.
struct StatusRoutes: Sendable {
    private static let lastEventID = HTTPField.Name("Last-Event-ID")

    let steering: any Steering
    let limits: EndpointLimits
    let clock: any Clock<Duration>
    private let followers: Places
    private let feed: SnapshotFeed

    init(_ steering: any Steering, limits: EndpointLimits, clock: any Clock<Duration>) {
        self.steering = steering
        self.limits = limits
        self.clock = clock
        followers = Places(limits.followers, for: "followers of events")
        feed = SnapshotFeed(steering, pause: limits.snapshotPause)
    }

    var table: RouteTable {
        var table = RouteTable()
        table.get("/") { _, _ in Reply.text(StatusPage.html, type: "text/html; charset=utf-8") }
        table.get("/v1/events", events)
        table.addViews(of: steering)
        return table
    }

    /// Server-sent events: `snapshot` with the whole state, and `record` for each event of the journal.
    private func events(_ request: Request, _ context: EndpointContext) async throws -> Response {
        let place = try followers.take()
        // A browser that connects again says what it has.
        let last = Self.lastEventID.flatMap { request.headers[$0] }.flatMap { UInt64($0) } ?? 0
        let connection = context.connection
        let first = EventFollower(after: last, of: steering.events, end: connection.end, clock: clock)
        return Reply.stream("text/event-stream") { [limits, feed] writer in
            var follower = first
            connection.streaming()
            repeat {
                var snapshot = try await feed.text()
                var message = ByteBuffer(string: "event: snapshot\ndata: ")
                message.writeBuffer(&snapshot)
                message.writeString("\n\n")
                try await writer.write(message)
                // After it: a page knows by the snapshot whether these are events of the same daemon as before.
                for event in follower.next() { try await writer.write(try Self.message(event)) }
                // However much happens, a page is drawn a few times a second at most.
                guard await follower.pause(limits.snapshotPause) else { break }
            } while await follower.wait(atMost: limits.snapshotInterval - limits.snapshotPause)
            try await writer.finish(nil)
            withExtendedLifetime(place) {}
        }
    }

    private static func message(_ event: EventRecord) throws -> ByteBuffer {
        // What stands for missing events has no number to go on from.
        let id = event.sequence == 0 ? "" : "id: \(event.sequence)\n"
        return ByteBuffer(string: "event: record\n\(id)data: \(try JSONFormat.line(event))\n\n")
    }
}
