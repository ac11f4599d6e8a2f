import ServiceConfiguration

/// Where a daemon's control socket may be.
package struct ControlSocketCandidates: Hashable, Sendable {
    /// Where the unit of the package has it.
    private static let packaged = ControlSocketPath(folder: "/run/swift-supervisor", kind: .given)

    /// What the user named: nothing else is looked at then.
    let named: String?
    /// In the order in which they are looked at.
    let defaults: [ControlSocketPath]

    /// - Parameters:
    ///   - option: What the user named.
    ///   - variable: The environment.
    ///   - user: Who looks.
    package init(option: String?, variable: (String) -> String?, user: UInt32) {
        named = option
        defaults = option == nil ? ControlSocketPath.all(variable: variable, userID: user) + [Self.packaged] : []
    }

    /// In the order in which they are looked at.
    package var paths: [String] { named.map { [$0] } ?? defaults.map(\.path) }
}
