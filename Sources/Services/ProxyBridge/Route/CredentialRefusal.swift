/// How an upstream refused a credential, or the lack of one.
enum CredentialRefusal: Hashable, Sendable {
    /// HTTP: 407, or 401 to CONNECT.
    case status(Int)
    /// SOCKS: the method that it chose, which is none of those that were offered; 0xff: it wants none of them.
    case method(UInt8)
    /// SOCKS: its answer to user name and password (RFC 1929).
    case verdict(UInt8)

    /// The HTTP status, where there is one.
    var status: Int? {
        switch self {
        case .status(let status): status
        case .method, .verdict: nil
        }
    }

    /// What the upstream did; completes "it ...".
    func explanation(at hop: NextHop) -> String {
        let isUnasked = hop == .upstream(hasCredential: false)
        return isUnasked ? "\(what): it asks for a credential, and none is configured" : what
    }

    private var what: String {
        switch self {
        case .status(let status): "answered \(status)"
        case .method(0): "wants no credential, so nobody knows whether this one is right"
        case .method(0xff): "takes none of the methods that were offered"
        case .method(let method): "chose the authentication method \(method), which was not offered"
        case .verdict(let status): "answered with the status \(status) to the credential"
        }
    }

    /// What to do about it.
    func advice(at hop: NextHop) -> String {
        if hop == .upstream(hasCredential: false) { return "add `username` and `password` to the upstream, and reload" }
        return switch self {
        case .method(0): "remove the credential, or add `socks_allow_noauth: true`, and reload"
        case .status, .method, .verdict: "correct the credential and reload"
        }
    }
}

extension CredentialRefusal: CustomStringConvertible {
    /// For the log: `407`, or `socks method 255`.
    var description: String {
        switch self {
        case .status(let status): "\(status)"
        case .method(let method): "socks method \(method)"
        case .verdict(let status): "socks status \(status)"
        }
    }
}
