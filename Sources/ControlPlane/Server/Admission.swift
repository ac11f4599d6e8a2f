import Hummingbird

/// Decides whether a request may come in at all, before anything of it is looked at.
protocol Admission: Sendable {
    /// - Throws: `RefusedRequest` for a client that must not ask, or not in this way.
    func check(_ request: Request, of context: EndpointContext) throws
}
