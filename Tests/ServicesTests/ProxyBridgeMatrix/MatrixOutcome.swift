/// What the client gets.
enum MatrixOutcome: Hashable, Sendable {
    /// What comes through a tunnel that was opened.
    enum Delivery: Hashable, Sendable {
        case pong
        case bannerAndPong
        /// The bytes of an origin, which the bridge must not touch.
        case raw
        /// Nothing, and an end in order.
        case nothing
        case cut
        /// Nothing, until the tunnel's own limit ends it.
        case idle
    }

    case opens(Delivery)
    /// The answer of the origin passes, whatever it says.
    case passes(Int)
    /// The protocol is switched, and what follows is a tunnel.
    case upgrades(Delivery)
    /// The bridge answers itself: a row of the table of failures.
    case fails(Int, String, received: Int? = nil)
}
