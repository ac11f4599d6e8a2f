package import Addresses

/// Where the daemon shows its state: the key `status`.
package struct StatusSettings: Hashable, Sendable {
    /// The address of the status page and the metrics.
    package var listen: Located<ListenAddress>

    package init(listen: Located<ListenAddress>) {
        self.listen = listen
    }

    /// What a start warns of: whoever reaches the address sees everything, because nobody is asked who he is.
    package var warning: String? {
        guard !listen.value.isLocal else { return nil }
        return "the status page on \(listen.value) is open to everybody who can reach it; listen on 127.0.0.1, or let "
            + "a proxy with authentication stand in front of it"
    }
}
