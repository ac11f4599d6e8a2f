import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Sockets
import Supervision

/// Serves accepted channels with HTTP: what both endpoints have in common.
///
/// The listener table accepts, the connection table owns the connection, and each is answered by a task of the life's
/// pool; hummingbird has the codec and the routes.
struct HTTPEndpoint: Sendable {
    /// Ends the task of a connection that is not to be used any more.
    private struct Ended: Error {}

    private let responder: RouterResponder<EndpointContext>
    /// Of every answer.
    private let fields: HTTPFields
    private let limits: EndpointLimits
    private let log: Logger

    init(
        _ table: RouteTable,
        fields: HTTPFields = [:],
        limits: EndpointLimits,
        log: Logger
    ) {
        responder = table.responder()
        self.fields = fields
        self.limits = limits
        self.log = log
    }

    /// Adds the handlers and begins the task; runs on the channel's event loop before it is active.
    ///
    /// - Parameters:
    ///   - channel: The accepted channel.
    ///   - connection: Its slot.
    ///   - peer: Who it is, for a unix socket.
    ///   - admission: Is asked about each request.
    ///   - tasks: The pool of the life.
    /// - Throws: When the channel has closed, or the pool takes no task any more.
    func begin(
        _ channel: any Channel,
        _ connection: Connection,
        peer: PeerCredentials?,
        admission: any Admission,
        tasks: TaskPool
    ) throws {
        let handler = HTTPConnectionHandler(connection, limits: limits)
        try channel.pipeline.syncOperations.addHandler(handler)
        let connection = HTTPConnection(channel, handler)
        let http = HTTP1Channel(
            responder: { (request: Request, writer: consuming ResponseWriter, _: any Channel) in
                let context = EndpointContext(source: .init(logger: log, connection: connection, peer: peer))
                try await respond(to: request, writer, context, admission) { tasks.count > limits.resting }
            },
            configuration: .init(
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headField,
                    maxHeaderListSize: limits.head,
                    maxHeaderFieldCount: limits.headFields
                )
            )
        )
        let ready = http.setup(channel: channel, logger: log)
        // What reads is the asynchronous channel, which stops reading when nobody takes what has come.
        try channel.syncOptions?.setOption(.autoRead, value: true)
        _ = try tasks.submit("http") { [log] in
            await http.handle(value: try await ready.get(), logger: log)
        }
    }

    // Hummingbird's parts are not sendable, and its functions run where no actor is.
    @concurrent
    private func respond(
        to request: Request,
        _ writer: consuming ResponseWriter,
        _ context: EndpointContext,
        _ admission: any Admission,
        isCrowded: () -> Bool
    ) async throws {
        let connection = context.connection
        connection.began()
        var body = RequestBodyReader(request, limit: limits.body)
        var ending = Self.wantsEnd(request) ? HTTPConnection.Ending.closes : .open
        var response: Response
        do {
            try admission.check(request, of: context)
            try await body.readAll()
            connection.running()
            response = try await responder.respond(to: request, context: context)
            // Hummingbird says in its own way that a path is not there.
            if response.status == .notFound { response = try Self.missing(request) }
        } catch let refused as RefusedRequest {
            response = try Reply.refusal(refused)
        } catch let refusal as Refusal {
            response = try Reply.refusal(RefusedRequest(refusal))
        } catch let error as EncodingError {
            log.error("cannot answer a request; report this as a bug", metadata: ["error": "\(error)"])
            response = Reply.text("cannot put the answer into words: see the log\n", status: .internalServerError)
        }
        if ending == .open, isCrowded() { ending = .closes }
        if !body.isComplete { ending = .lingers }
        for field in fields { response.headers[field.name] = field.value }
        if ending != .open { response.headers[.connection] = "close" }
        try await writer.write(response: response.head, body: response.body)
        connection.ended(ending)
        guard ending != .open else { return }
        await body.discard(atMost: limits.discarded)
        // Nothing that still comes is answered, and the handler knows when everything is written.
        await connection.closed()
        throw Ended()
    }

    private static func missing(_ request: Request) throws -> Response {
        let message = "cannot find this path: the manual page supervisor(8) lists those that there are"
        return try Reply.refusal(RefusedRequest(.notFound, .notFound, message))
    }

    private static func wantsEnd(_ request: Request) -> Bool {
        request.headers[.connection]?.lowercased().split(separator: ",").contains { word in
            word.drop { $0 == " " }.hasPrefix("close")
        } ?? false
    }
}
