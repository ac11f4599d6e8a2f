/// An upstream HTTP proxy and the credential it wants.
package struct HTTPUpstreamSettings: Hashable, Sendable {
    /// The name under `upstreams`, or a name made from the service for an inline mapping; never the URL.
    package var id: String
    /// A host name or IP literal, without brackets.
    package var host: String
    package var port: UInt16
    package var credential: Credential?

    package init(id: String, host: String, port: UInt16, credential: Credential?) {
        self.id = id
        self.host = host
        self.port = port
        self.credential = credential
    }
}
