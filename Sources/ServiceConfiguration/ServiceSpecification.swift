package import Addresses

/// One instance of one service, as it is to run.
package struct ServiceSpecification: Hashable, Sendable {
    /// `echo`, or `bridge@1` for an instanced service.
    package var name: String
    /// Where the service's name stands in the file; not part of its identity.
    package var position: Located<String>
    package var kind: ServiceKind
    /// Which address of the daemon itself it is; nil for all that a file can name as a service.
    package var endpoint: EndpointKind?
    /// In the order of the file; for a process its `sockets`, which may be none.
    package var listen: [Located<ListenAddress>]
    /// Names of instances that must be ready before this one starts.
    package var requires: [String] = []
    package var restart = RestartSettings()
    package var essential = true
    /// How long open connections may go on after a request to stop.
    package var drain = Duration.seconds(10)
    package var maxConnections = 10_000
    /// A connection without a byte in either direction for this long is closed; nil: never.
    package var idleTimeout: Duration?
    /// How long the service's event loops, or the notifications of a process, may be silent; nil: for ever.
    package var watchdog: Duration?

    package init(name: String, at position: SourcePosition, kind: ServiceKind, listen: [Located<ListenAddress>]) {
        self.name = name
        self.position = Located(name, at: position)
        self.kind = kind
        self.listen = listen
    }
}
