/// A key of a service whose value is to change.
struct ChangedKey: Hashable {
    var name: String
    /// True when the running service can take the new value.
    var isLive: Bool

    /// Those of the keys that differ; a running service can take them.
    static func live(_ keys: [(name: String, differs: Bool)]) -> [ChangedKey] {
        keys.filter(\.differs).map { ChangedKey(name: $0.name, isLive: true) }
    }

    /// Those of the keys that differ; only a new instance can take them.
    static func fixed(_ keys: [(name: String, differs: Bool)]) -> [ChangedKey] {
        keys.filter(\.differs).map { ChangedKey(name: $0.name, isLive: false) }
    }
}
