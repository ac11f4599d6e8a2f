package import Addresses

/// One entry of the lists of a policy: which hosts, on which port.
package struct DestinationRule: Hashable, Sendable {
    /// The hosts that an entry means.
    package enum Hosts: Hashable, Sendable {
        /// One name, in small letters and without a dot at the end.
        case name(String)
        /// Every name below this one, which is written with `*.` before it.
        case below(String)
        /// The addresses of a block.
        case network(IPNetwork)
    }

    package var hosts: Hosts
    /// Nil: every port.
    package var port: UInt16?

    package init(_ hosts: Hosts, port: UInt16? = nil) {
        self.hosts = hosts
        self.port = port
    }
}
