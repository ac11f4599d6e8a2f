import Addresses
import NIOSSL
import ServiceConfiguration

/// How TLS is spoken to the next hop of a route, with everything made that can be made before there is a connection.
struct TLSRoute: Sendable {
    let context: NIOSSLContext
    /// Sent, and looked for in the certificate; nil for an address, which is looked for there itself.
    let serverName: String?
    let pins: [CertificatePin]
    /// What the certificate must name, unless that is not verified.
    private let verifiedName: String?

    init(_ settings: UpstreamTLS, host: String, contexts: TLSContexts) throws(UpstreamTLS.Problem) {
        context = try contexts.context(for: settings)
        serverName = settings.serverName ?? (IPAddress(host) == nil ? host : nil)
        pins = settings.pins
        verifiedName = settings.verifies ? serverName : nil
    }

    /// True when `certificate`, which the library has verified as far as it does, is one that the upstream may have.
    func admits(_ certificate: NIOSSLCertificate?) -> Bool {
        guard !pins.isEmpty || verifiedName != nil else { return true }
        guard let certificate, hasName(certificate) else { return false }
        guard !pins.isEmpty else { return true }
        do {
            let key = try certificate.extractPublicKey().toSPKIBytes()
            return pins.contains(CertificatePin(digest: SHA256.digest(of: key)))
        } catch {
            return false
        }
    }

    /// The library takes a certificate for the address in place of one for the name: whoever moves the name to an
    /// address of his own would pass with a certificate for that.
    private func hasName(_ certificate: NIOSSLCertificate) -> Bool {
        guard let name = verifiedName?.lowercased() else { return true }
        let names = certificate._subjectAlternativeNames()
        // Without any, it has compared the common name, which no address is taken for.
        guard !names.isEmpty else { return true }
        return names.contains { alternative in
            guard alternative.nameType == .dnsName else { return false }
            return Self.matches(String(decoding: alternative.contents, as: UTF8.self).lowercased(), name)
        }
    }

    /// RFC 9525 6.3: the name itself, or `*` in place of its first label.
    static func matches(_ pattern: String, _ name: String) -> Bool {
        if pattern == name { return true }
        guard pattern.hasPrefix("*."), let dot = name.firstIndex(of: "."), dot > name.startIndex else { return false }
        return pattern.dropFirst() == name[dot...]
    }
}

extension TLSRoute: Hashable {
    static func == (left: Self, right: Self) -> Bool {
        left.context === right.context && left.serverName == right.serverName && left.pins == right.pins
            && left.verifiedName == right.verifiedName
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(context))
        hasher.combine(serverName)
        hasher.combine(pins)
    }
}
