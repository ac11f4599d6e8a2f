/// Which destinations the clients of a `proxy-bridge` may reach: the key `policy`.
package struct PolicySettings: Hashable, Sendable {
    /// Private addresses may be reached directly.
    package var allowPrivate = false
    /// What is allowed although a rule of the program denies it.
    package var allow: [DestinationRule] = []
    /// What is denied, whatever allows it.
    package var deny: [DestinationRule] = []
    /// The only ports to which a tunnel may lead; nil: all but 25.
    package var ports: Set<UInt16>?

    package init() {}
}
