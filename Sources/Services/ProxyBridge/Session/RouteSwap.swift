import NIOCore
import ServiceConfiguration
import Sockets

/// Tells every connection of a bridge that its requests take another upstream or credential from now on.
///
/// A user event of the client's channel: whoever has the channel compares the new way with its own, on the channel's
/// event loop. So nothing that read the route just before is missed, and a way that comes back is nobody's old one.
struct RouteSwap: Sendable {
    private let upstream: UpstreamRoute
    private let style: BridgeSettings.OnSwap
    private let limit: Duration

    init(to snapshot: RouteSnapshot) {
        upstream = snapshot.upstream
        limit = snapshot.timeouts.swap
        style = snapshot.onSwap
    }

    /// True for a way that is not the bridge's any more.
    func replaces(_ snapshot: RouteSnapshot) -> Bool {
        !snapshot.upstream.isSameWay(as: upstream)
    }

    /// What becomes of something that is under way on the route of `snapshot`.
    func retirement(of snapshot: RouteSnapshot) -> RelayRetirement {
        guard replaces(snapshot) else { return .none }
        switch style {
        case .drain: return .drain(within: TimeAmount(limit))
        case .cut: return .cut
        case .keep: return .none
        }
    }
}
