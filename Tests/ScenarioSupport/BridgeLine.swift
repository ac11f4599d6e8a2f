/// The line of a bridge in a configuration, with what its scenarios need beyond their own keys.
package enum BridgeLine {
    /// Allows targets on loopback, where everything of a scenario is: the one place where that is said.
    private static let policy = ", " + ConfigurationText.loopbackPolicy
    /// Lets a load pass whose upstream refuses the credential.
    private static let noProbe = ", probe: { mode: off }"

    /// A change that touches nothing but the generation: what rests at the upstreams is of the last one, and closes.
    package static let nextGeneration = ", max_connections: 9999"

    package static func service(
        _ name: String,
        port: UInt16,
        upstream: String,
        isProbed: Bool = false,
        _ keys: String = ""
    ) -> String {
        "  \(name): { type: proxy-bridge, listen: \"127.0.0.1:\(port)\", upstream: \(upstream)"
            + policy + (isProbed ? "" : noProbe) + keys + " }\n"
    }

    /// A line below `upstreams:` with the canary user.
    package static func upstream(_ name: String, _ url: String, password: String, _ keys: String = "") -> String {
        "  \(name): { url: \"\(url)\", username: \(Canary.user), password: \"\(password)\"\(keys) }\n"
    }
}
