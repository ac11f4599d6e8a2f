/// What the next hop does.
///
/// The kinds that have words of their own before HTTP (TLS, SOCKS) fail in these: see `isBelowHTTP`.
enum MatrixBehaviour: Sendable, CaseIterable {
    case good
    case wrongCredential
    case refused
    case stall
    case reset
    case end
    case garbage
    case noContent
    case continueThenOK
    case forbidden
    case proxyAuthentication
    case unauthorized
    case oversizedHead
    /// The bytes behind the head come in one piece with it.
    case banner

    var isBelowHTTP: Bool {
        switch self {
        case .stall, .reset, .end, .garbage: true
        case .good, .wrongCredential, .refused, .noContent, .continueThenOK, .forbidden, .proxyAuthentication,
            .unauthorized, .oversizedHead, .banner:
            false
        }
    }
}
