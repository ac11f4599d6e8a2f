/// What stands between the bridge and the origin.
enum MatrixKind: Sendable {
    case http
    case https
    case socks5
    case socks5h
    case direct

    /// A proxy that is asked in HTTP, so it is the proxy that gives the answers of the table.
    var answersInHTTP: Bool { self == .http || self == .https }
}
