import Hummingbird
import Logging
import Sockets

/// What the answer to a request may depend on beside the request.
struct EndpointContext: RequestContext {
    /// Where a context comes from.
    struct Source: RequestContextSource {
        var logger: Logger
        var connection: HTTPConnection
        var peer: PeerCredentials?
    }

    var coreContext: CoreRequestContextStorage
    let connection: HTTPConnection
    /// Nil for a client that came by TCP.
    let peer: PeerCredentials?

    init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        connection = source.connection
        peer = source.peer
    }
}
