import HTTPTypes
import Hummingbird
import HummingbirdCore

/// The paths of an endpoint; what is not in it is refused in words.
struct RouteTable {
    typealias Answer = @Sendable (Request, EndpointContext) async throws -> Response

    private struct Route {
        var path: String
        var method: HTTPRequest.Method
        var answer: Answer
    }

    /// Whoever asks for something else gets "not found".
    private static let methods: [HTTPRequest.Method] = [
        .get, .head, .post, .put, .delete, .patch, .options, .trace, .connect,
    ]

    private var routes: [Route] = []

    mutating func get(_ path: String, _ answer: @escaping Answer) {
        routes.append(Route(path: path, method: .get, answer: answer))
        // The same without its body.
        routes.append(
            Route(path: path, method: .head) { try await answer($0, $1).createHeadResponse() }
        )
    }

    mutating func post(_ path: String, _ answer: @escaping Answer) {
        routes.append(Route(path: path, method: .post, answer: answer))
    }

    /// The views that both endpoints have.
    mutating func addViews(of steering: any Steering) {
        get("/v1/status") { _, _ in try Reply.json(await steering.snapshot()) }
        get("/metrics") { _, _ in Reply.metrics(await steering.snapshot()) }
        get("/livez") { _, _ in Reply.alive }
        get("/readyz") { _, _ in Reply.readiness(await steering.snapshot().daemon) }
    }

    /// The responder for all of it; also a path that is there with another method has an answer.
    func responder() -> RouterResponder<EndpointContext> {
        let router = Router(context: EndpointContext.self)
        for (path, routes) in Dictionary(grouping: routes, by: \.path) {
            let allow = routes.map(\.method.rawValue).sorted().joined(separator: ", ")
            for route in routes {
                router.on(RouterPath(path), method: route.method, use: route.answer)
            }
            for method in Self.methods where !routes.contains(where: { $0.method == method }) {
                router.on(RouterPath(path), method: method) { _, _ -> Response in
                    let message = "cannot \(method.rawValue) this path: use \(allow)"
                    throw RefusedRequest(.methodNotAllowed, .badRequest, message, allow: allow)
                }
            }
        }
        return router.buildResponder()
    }
}
