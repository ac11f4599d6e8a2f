/// A configuration of a scenario: the lines of its services below a head which every scenario shares.
package struct ConfigurationText: Sendable {
    package let text: String

    /// The key with which a bridge serves the origins of scenarios, which are all on loopback.
    package static let loopbackPolicy = "policy: { allow: [127.0.0.0/8] }"

    /// Makes a file of the lines below `services:` and more lines below `upstreams:`, all indented by two spaces.
    ///
    /// The drain is the limit of the shutdown and of every service. The lines below `pools:` and `groups:` are left out
    /// with their key when there are none.
    package init(
        _ services: String,
        upstreams: String = "",
        pools: String = "",
        groups: String = "",
        drain: String = "5s"
    ) {
        let groups = groups.isEmpty ? "" : "groups:\n\(groups)\n"
        let pools = pools.isEmpty ? "" : "pools:\n\(pools)\n"
        text = """
            log: { level: info, format: text }
            shutdown: { drain: \(drain) }
            defaults: { drain: \(drain) }
            upstreams:
              canary: { url: "http://127.0.0.1:9", username: \(Canary.user), password: "\(Canary.specialPassword)" }
            \(upstreams.isEmpty ? "" : upstreams + "\n")\(pools)services:
            \(services)
            \(groups)

            """
    }

    /// The position of the first occurrence of a text, as `line:column` from 1.
    package func position(of part: String) throws -> String {
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if let range = line.firstRange(of: part) {
                return "\(index + 1):\(line.distance(from: line.startIndex, to: range.lowerBound) + 1)"
            }
        }
        throw ScenarioFailure("cannot find `\(part)` in the configuration")
    }
}
