/// What a service does, with the settings of that kind alone: the key `type`.
package enum ServiceKind: Hashable, Sendable {
    /// Writes back what it reads (RFC 862).
    case echo
    /// Relays every connection to one destination.
    case forward(ForwardSettings)
    /// An HTTP proxy that sends everything through one upstream.
    case proxyBridge(BridgeSettings)
    /// Runs a program.
    case process(ProcessSettings)
    /// Where the daemon itself is asked or looked at, as `ServiceSpecification.endpoint` says: no kind of a file.
    case endpoint
}
