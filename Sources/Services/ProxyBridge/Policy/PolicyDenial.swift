/// Why the policy refuses a destination; each case names the key that would allow it.
enum PolicyDenial: Error, Hashable, Sendable {
    /// The name is in the list `deny`.
    case deniedName
    /// The address is in the list `deny`.
    case deniedAddress
    /// No tunnel may lead to this port.
    case port
    /// Loopback, link-local, multicast or a metadata service.
    case specialAddress
    /// Of a private network.
    case privateAddress

    /// The error type of RFC 9209.
    var word: String {
        switch self {
        case .deniedName, .port: "http_request_denied"
        case .deniedAddress, .specialAddress, .privateAddress: "destination_ip_prohibited"
        }
    }

    /// The end of a sentence that begins with "cannot reach the destination: ".
    var explanation: String {
        switch self {
        case .deniedName, .deniedAddress: "`policy.deny` has it; remove it there"
        case .port: "tunnels may not lead to its port; add the port to `policy.ports`"
        case .specialAddress:
            "it is a loopback, link-local, multicast or metadata address; add it to `policy.allow`"
        case .privateAddress:
            "it is a private address; set `policy.allow_private: true` or add it to `policy.allow`"
        }
    }
}
