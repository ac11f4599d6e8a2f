package import Addresses

/// The keys of a `forward` service.
package struct ForwardSettings: Hashable, Sendable {
    package var to: Located<Destination>
    package var connectTimeout = Duration.seconds(10)

    package init(to: Located<Destination>) {
        self.to = to
    }
}
