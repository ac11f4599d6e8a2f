/// How the daemon shuts down: the key `shutdown`.
package struct ShutdownSettings: Hashable, Sendable {
    /// How long services go on accepting after the request to shut down.
    package var delay = Duration.zero
    /// The limit on the whole shutdown after `delay`; whoever is left is forced.
    package var drain = Duration.seconds(30)

    package init() {}
}
