import ServiceConfiguration

/// The names by which services may be asked for: services, instances and groups.
package struct KnownNames: Sendable {
    package let names: [String]

    package init(_ snapshot: Snapshot) {
        self.init(services: snapshot.services.map(\.name), groups: snapshot.groups.map(\.name))
    }

    package init(services: [String], groups: [String]) {
        let given = services + groups
        var seen: Set<String> = []
        names = given.flatMap { [Self.base(of: $0), $0] }.filter { seen.insert($0).inserted }
    }

    /// `bridge` for `bridge@1`.
    package static func base(of name: String) -> String {
        String(name.prefix { $0 != "@" })
    }

    /// The refusal of a name that is not among them, with the one that was probably meant.
    package func refusal(of name: String) -> Refusal {
        let advice = Nearest.candidate(to: name, among: names).map { "did you mean `\($0)`?" }
        let message = "cannot find a service or group `\(name)`: \(advice ?? "`supervisor status` lists the names")"
        return Refusal(.unknownName, message)
    }
}
