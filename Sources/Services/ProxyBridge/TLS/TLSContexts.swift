import NIOCore
import NIOSSL
package import ServiceConfiguration
import Synchronization

/// The TLS contexts of the upstreams, one for all that have the same settings; one object for the daemon.
///
/// A context is made when a configuration is read, so its files are found out to be unusable before anything changes,
/// and a change that is committed finds it here.
package final class TLSContexts: Sendable {
    /// How long a peer may take to answer the end of a connection, which has told all it had to tell.
    private static let farewell = Duration.seconds(1)

    private let contexts = Mutex<[UpstreamTLS: NIOSSLContext]>([:])

    package init() {}

    /// Makes what the settings need.
    ///
    /// - Returns: Why they cannot be used; nil when they can.
    package func problem(with settings: UpstreamTLS) -> UpstreamTLS.Problem? {
        do {
            _ = try context(for: settings)
            return nil
        } catch {
            return error
        }
    }

    /// Forgets the contexts of all other settings; connections keep theirs.
    package func keep(only settings: [UpstreamTLS]) {
        let wanted = Set(settings.map(Self.shared))
        contexts.withLock { contexts in contexts = contexts.filter { wanted.contains($0.key) } }
    }

    /// How many there are.
    package var count: Int { contexts.withLock { $0.count } }

    func context(for settings: UpstreamTLS) throws(UpstreamTLS.Problem) -> NIOSSLContext {
        let settings = Self.shared(settings)
        if let known = contexts.withLock({ $0[settings] }) { return known }
        // Without the lock: the authorities of the system take a while.
        let context = try Self.make(settings)
        contexts.withLock { $0[settings] = context }
        return context
    }

    /// The part that is the same for upstreams that differ in what is compared for each connection only.
    private static func shared(_ settings: UpstreamTLS) -> UpstreamTLS {
        var settings = settings
        settings.pins = []
        settings.serverName = nil
        return settings
    }

    private static func make(_ settings: UpstreamTLS) throws(UpstreamTLS.Problem) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        configuration.shutdownTimeout = TimeAmount(farewell)
        configuration.certificateVerification = settings.verifies ? .fullVerification : .none
        if let authorities = settings.authorities {
            configuration.trustRoots = .certificates(try certificates(in: authorities, else: .authorities))
        }
        guard let identity = settings.identity else { return try make(configuration, else: .system) }
        let plain = configuration
        configuration.certificateChain = try certificates(in: identity.certificates, else: .certificate)
            .map { .certificate($0) }
        configuration.privateKey = .privateKey(try key(identity.key))
        do {
            return try make(configuration, else: .pair)
        } catch {
            _ = try make(plain, else: .system)
            throw error
        }
    }

    private static func make(
        _ configuration: TLSConfiguration,
        else problem: UpstreamTLS.Problem
    ) throws(UpstreamTLS.Problem) -> NIOSSLContext {
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw problem
        }
    }

    private static func certificates(
        in bytes: [UInt8],
        else problem: UpstreamTLS.Problem
    ) throws(UpstreamTLS.Problem) -> [NIOSSLCertificate] {
        guard !bytes.isEmpty else { throw problem }
        do {
            let certificates = try NIOSSLCertificate.fromPEMBytes(bytes)
            if !certificates.isEmpty { return certificates }
        } catch {
            // Told below.
        }
        throw problem
    }

    private static func key(_ secret: Secret) throws(UpstreamTLS.Problem) -> NIOSSLPrivateKey {
        do {
            return try secret.reveal { text in try NIOSSLPrivateKey(bytes: Array(text.utf8), format: .pem) }
        } catch {
            throw .key
        }
    }
}
