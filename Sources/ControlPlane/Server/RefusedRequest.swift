import Hummingbird

/// A refusal together with how HTTP says it.
struct RefusedRequest: Error {
    var status: HTTPResponse.Status
    var refusal: Refusal
    /// The methods that the path has, when it has not this one.
    var allow: String?

    init(_ status: HTTPResponse.Status, _ kind: Refusal.Kind, _ message: String, allow: String? = nil) {
        self.status = status
        refusal = Refusal(kind, message)
        self.allow = allow
    }

    /// What the daemon itself has refused.
    init(_ refusal: Refusal) {
        self.refusal = refusal
        status =
            switch refusal.kind {
            case .unknownName, .notFound: .notFound
            case .badRequest: .badRequest
            case .forbidden: .forbidden
            case .tooMuch: .tooManyRequests
            case .nothingToConfirm: .conflict
            case .ending: .serviceUnavailable
            }
    }
}
