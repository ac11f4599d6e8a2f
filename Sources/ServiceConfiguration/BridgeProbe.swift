package import Addresses

/// How the upstream of a bridge is checked before a load is committed: the key `probe`.
package struct BridgeProbe: Hashable, Sendable {
    /// How far a probe goes.
    package enum Mode: String, CaseIterable, Sendable {
        case off
        /// Connects to the upstream and says nothing.
        case tcp
        /// Asks for a destination that cannot exist, so that the upstream looks at the credential and sends nothing.
        case auth
        /// Opens a tunnel to a destination of the user's choice.
        case target
    }

    /// What a failed probe means for the load.
    package enum OnFail: String, CaseIterable, Sendable {
        case reject
        case warn
    }

    /// Nil: what suits the upstream.
    package var mode: Mode?
    /// Where a probe of the mode `target` connects to.
    package var target: Destination?
    package var timeout = Duration.seconds(5)
    package var onFail = OnFail.reject

    package init() {}

    /// The mode for an upstream: one with a credential is asked whether it takes it, unless the file says otherwise.
    package func mode(for upstream: UpstreamProxy?) -> Mode {
        mode ?? (upstream?.credential == nil ? .off : .auth)
    }
}
