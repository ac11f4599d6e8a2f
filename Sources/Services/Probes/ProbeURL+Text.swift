import Addresses
import ServiceConfiguration

extension ProbeURL {
    /// The host and port as in the field `Host`.
    var authority: String {
        Destination.host(host, port: port).description
    }

    /// The URL as an error names it: a query may carry a token.
    var textWithoutQuery: String {
        "http://\(authority)\(path.prefix { $0 != "?" })"
    }
}
