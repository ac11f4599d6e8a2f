/// A proxy that a bridge sends its requests through, and the credential that it wants.
package struct UpstreamProxy: Hashable, Sendable {
    /// The name under `upstreams`, or a name made from the service for an inline mapping; never the URL.
    package var id: String
    package var scheme: UpstreamScheme
    /// A host name or IP literal, without brackets.
    package var host: String
    package var port: UInt16
    package var credential: Credential?
    /// Where it is written; not part of its identity.
    package var position: Located<String>

    package init(
        id: String,
        scheme: UpstreamScheme = .http,
        host: String,
        port: UInt16,
        credential: Credential?,
        at position: SourcePosition = SourcePosition(file: "", line: 0, column: 0)
    ) {
        self.position = Located("", at: position)
        self.id = id
        self.scheme = scheme
        self.host = host
        self.port = port
        self.credential = credential
    }
}
