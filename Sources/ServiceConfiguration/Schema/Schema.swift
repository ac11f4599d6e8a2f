/// The one table of everything that `services.yaml` can say.
///
/// It feeds the check of a file, the suggestions, the JSON Schema and the test of the manual page.
enum Schema {
    /// No duration in a configuration is longer than a year: beyond it lies a typing error.
    static let longest = Duration.seconds(365 * 24 * 3600)
    /// Zero allowed.
    static let anyDuration = Duration.zero...longest
    /// Zero would make the thing impossible.
    static let positiveDuration = Duration.milliseconds(1)...longest
    /// Instances of one service, and services in all: more than any machine of today serves.
    static let serviceLimit = 10_000
    /// More connections than one process can have descriptors for.
    static let connectionLimit = 1_000_000

    /// The key that names more files.
    static let include = "include"

    static let root = SchemaRecord(
        name: "the configuration",
        keys: [
            SchemaKey("services", .names(word: "service", .service), required: true, "The services, by name."),
            SchemaKey("defaults", .record(defaults), "Keys for every service that does not have them itself."),
            SchemaKey("log", .record(log), "What is logged, and how."),
            SchemaKey("shutdown", .record(shutdown), "How the daemon shuts down."),
            SchemaKey("upstreams", .names(word: "upstream", .record(upstream)), "Upstream proxies, by name."),
            SchemaKey("pools", .names(word: "pool", .record(pool)), "Sets of upstream proxies, by name."),
            SchemaKey("groups", .names(word: "group", .record(group)), "Services that fail together."),
            SchemaKey(include, .oneOrMany(.pattern), "More files, as paths or patterns."),
            SchemaKey("control", .record(control), "Where the daemon takes commands, and from whom."),
            SchemaKey("status", .record(status), "Where the daemon shows its state."),
        ],
        waiver: include
    )

    /// What an included file may have: the definitions of the root, none of them required.
    static let included = SchemaRecord(
        name: "an included file",
        keys: root.keys.compactMap { key in
            guard case .names = key.type else { return nil }
            var key = key
            key.isRequired = false
            return key
        }
    )

    static let log = SchemaRecord(
        name: "`log`",
        keys: [
            SchemaKey(
                "level",
                .choice(LogSettings.Level.allCases.map(\.rawValue)),
                default: "info",
                "The least severe level that is written."
            ),
            SchemaKey(
                "format",
                .choice(LogSettings.Format.allCases.map(\.rawValue)),
                default: "text",
                "The form of a log line."
            ),
        ]
    )

    static let shutdown = SchemaRecord(
        name: "`shutdown`",
        keys: [
            SchemaKey(
                "delay",
                .duration(anyDuration),
                default: "0s",
                "How long services go on accepting after the request to shut down."
            ),
            SchemaKey(
                "drain",
                .duration(anyDuration),
                default: "30s",
                "The limit on the whole shutdown after the delay; whoever is left is forced."
            ),
        ]
    )

    static let control = SchemaRecord(
        name: "`control`",
        keys: [
            SchemaKey(
                "socket",
                .text(.path),
                "The path of the control socket; without it, a folder of the user's own."
            ),
            SchemaKey("group", .text(.plain), "The group whose members may give commands, beside the daemon's user."),
        ]
    )

    static let status = SchemaRecord(
        name: "`status`",
        keys: [SchemaKey("listen", .listen, required: true, "The address of the status page and the metrics.")]
    )

    static let group = SchemaRecord(
        name: "a group",
        keys: [
            SchemaKey(
                "strategy",
                .choice(GroupSettings.Strategy.allCases.map(\.rawValue)),
                default: "one-for-one",
                "Who restarts with a failed child."
            ),
            SchemaKey(
                "children",
                .some(.reference(word: "service or group")),
                required: true,
                "The services and groups that belong to the group."
            ),
            SchemaKey(
                "intensity",
                .integer(0...1000),
                default: "5",
                "How many restarts of its children are allowed within the period before the group gives up."
            ),
            SchemaKey("period", .duration(positiveDuration), default: "60s", "The window in which restarts count."),
        ]
    )
}
