import Addresses
import HTTPTypes
import Hummingbird
import HummingbirdCore

/// Keeps web pages of others from reading the status through the browser of somebody who may: DNS rebinding.
///
/// Such a page has a name of its own, which suddenly means this address; the browser says that name. An address in
/// numbers cannot be made to mean another.
struct HostAdmission: Admission {
    /// False for a unix socket: only a program can come there, a proxy perhaps, with the names that its visitors use.
    let isReachedByBrowsers: Bool

    func check(_ request: Request, of context: EndpointContext) throws {
        // The codec makes the first Host the authority and leaves any further one; with two, whoever looked at the
        // request before may have believed the other (RFC 9112, 3.2).
        guard !request.headers.contains(where: { $0.name.canonicalName == "host" }) else {
            throw RefusedRequest(.badRequest, .badRequest, "cannot answer a request with two Host fields: send one")
        }
        // A browser always says a host; a simple health check may not.
        guard isReachedByBrowsers, let host = request.head.authority else { return }
        guard Self.isAllowed(host) else {
            let message = "cannot answer for this host: ask for an IP address or `localhost`"
            throw RefusedRequest(.misdirectedRequest, .forbidden, message)
        }
    }

    static func isAllowed(_ authority: String) -> Bool {
        var host = authority[...]
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return false }
            let rest = host[host.index(after: end)...]
            guard rest.isEmpty || isPort(rest), case .v6? = IPAddress(host[..<end].dropFirst()) else { return false }
            return true
        }
        if let colon = host.firstIndex(of: ":") {
            guard isPort(host[colon...]) else { return false }
            host = host[..<colon]
        }
        if host.lowercased() == "localhost" { return true }
        guard case .v4? = IPAddress(host) else { return false }
        return true
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.first == ":" && UInt16(text.dropFirst()) != nil
    }
}
