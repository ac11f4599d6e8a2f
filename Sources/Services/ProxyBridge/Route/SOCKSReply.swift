/// What the codes mean with which a SOCKS proxy says that it has not connected (RFC 1928 6).
enum SOCKSReply {
    /// The status that the client gets.
    static func status(of code: UInt8) -> Int {
        code == 6 ? 504 : 502
    }

    /// The error type of RFC 9209.
    static func word(of code: UInt8) -> String {
        switch code {
        case 2: "http_request_denied"
        case 3: "destination_ip_unroutable"
        case 4: "destination_unavailable"
        case 5: "connection_refused"
        case 6: "connection_timeout"
        default: "proxy_internal_response"
        }
    }

    /// One sentence for the client.
    static func explanation(of code: UInt8) -> String {
        switch code {
        case 2: "cannot connect: the rules of the upstream forbid it (SOCKS reply 2); check what it allows"
        case 3: "cannot connect: the upstream does not reach the network (SOCKS reply 3); check the address"
        case 4: "cannot connect: the upstream does not reach the host (SOCKS reply 4); check the address"
        case 5: "cannot connect: the destination refuses connections (SOCKS reply 5); check that it runs"
        case 6: "cannot connect: the way to the destination is too long (SOCKS reply 6); try again"
        case 7: "cannot connect: the upstream does not know the command (SOCKS reply 7); use another upstream"
        case 8: "cannot connect: the upstream does not know this kind of address (SOCKS reply 8); use the other scheme"
        default: "cannot connect: the upstream has failed (SOCKS reply \(code)); try again, or ask who runs it"
        }
    }
}
