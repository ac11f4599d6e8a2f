import Addresses
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import Sockets

/// What the control socket answers.
struct ControlRoutes: Sendable {
    let steering: any Steering
    let limits: EndpointLimits
    let clock: any Clock<Duration>
    /// The user that the daemon runs as.
    let userID: UInt32
    private let followers: Places
    private let changes: Places

    init(_ steering: any Steering, limits: EndpointLimits, clock: any Clock<Duration>, userID: UInt32) {
        self.steering = steering
        self.limits = limits
        self.clock = clock
        self.userID = userID
        followers = Places(limits.followers, for: "followers of events")
        changes = Places(limits.changes, for: "changes")
    }

    var table: RouteTable {
        var table = RouteTable()
        table.addViews(of: steering)
        table.get("/v1/events", events)
        table.get("/v1/connections") { request, _ in
            let query = try QueryValues(request.uri.query, names: ["service"])
            return try Reply.json(try await steering.connections(of: query["service"]))
        }
        table.get("/v1/upstreams") { _, _ in try Reply.json(UpstreamList(of: await steering.snapshot())) }
        table.post("/v1/reload") { request, _ in
            let query = try QueryValues(request.uri.query, names: ["confirm"])
            // As long as any duration in a configuration may be.
            let confirm = try query.number("confirm", in: 1...31_536_000).map { Duration.seconds($0) }
            return try Reply.verdict(try await change { try await $0.reload(confirmWithin: confirm) })
        }
        table.post("/v1/confirm") { request, _ in
            _ = try QueryValues(request.uri.query, names: [])
            return try Reply.verdict(try await change { try await $0.confirm() })
        }
        table.post("/v1/plan", plan)
        for order in Order.allCases {
            table.post("/v1/services/:name/\(order.rawValue)") { request, context in
                let name = try name(request, context)
                return try Reply.verdict(try await change { try await $0.order(order, name) })
            }
        }
        table.post("/v1/services/:name/rotate") { request, context in
            let name = try name(request, context)
            return try Reply.json(try await change { try await $0.rotate(name) })
        }
        return table
    }

    private func change<Value: Sendable>(_ ask: (any Steering) async throws -> Value) async throws -> Value {
        let place = try changes.take()
        defer { withExtendedLifetime(place) {} }
        return try await ask(steering)
    }

    private func plan(_ request: Request, _ context: EndpointContext) async throws -> Response {
        let file = try QueryValues(request.uri.query, names: ["file"])["file"]
        if let file {
            // The daemon may read what a member of the group may not.
            guard let user = context.peer?.userID, user == 0 || user == userID else {
                let message = "cannot plan another file for this user: ask as root or as the user of the daemon"
                throw RefusedRequest(.forbidden, .forbidden, message)
            }
            guard file.hasPrefix("/") else {
                let message = "cannot plan a file without an absolute path: write the whole path"
                throw RefusedRequest(.badRequest, .badRequest, message)
            }
        }
        return try Reply.verdict(try await change { try await $0.plan(file: file) })
    }

    private func name(_ request: Request, _ context: EndpointContext) throws -> String {
        _ = try QueryValues(request.uri.query, names: [])
        guard let name = context.parameters.get("name").flatMap({ PercentText.value($0) }) else {
            throw RefusedRequest(.badRequest, .badRequest, "cannot read the name: write it percent-encoded")
        }
        return name
    }

    /// One line of JSON for each event: what there has been, then what comes.
    private func events(_ request: Request, _ context: EndpointContext) async throws -> Response {
        let query = try QueryValues(request.uri.query, names: ["follow", "after"])
        let follows = try query.flag("follow")
        let last = try query.number("after", in: 0...UInt64.max) ?? 0
        let connection = context.connection
        let first = EventFollower(after: last, of: steering.events, end: connection.end, clock: clock)
        let place = follows ? try followers.take() : nil
        return Reply.stream("application/x-ndjson") { writer in
            var follower = first
            var isGoingOn = follows
            if follows { connection.streaming() }
            repeat {
                for event in follower.next() {
                    try await writer.write(ByteBuffer(string: try JSONFormat.line(event) + "\n"))
                }
                if isGoingOn { isGoingOn = await follower.wait() }
            } while isGoingOn
            try await writer.finish(nil)
            withExtendedLifetime(place) {}
        }
    }
}
