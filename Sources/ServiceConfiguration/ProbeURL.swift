/// The URL of a check over HTTP/1.1, without TLS.
package struct ProbeURL: Hashable, Sendable {
    /// A host name or IP literal, without brackets.
    package var host: String
    package var port: UInt16
    /// The path with the query, starting with `/`.
    package var path: String

    package init(host: String, port: UInt16, path: String) {
        self.host = host
        self.port = port
        self.path = path
    }
}
