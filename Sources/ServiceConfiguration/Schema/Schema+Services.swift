extension Schema {
    /// The kinds of services with the keys that each adds to the common ones.
    static let kinds = [
        SchemaKind(word: "echo", own: SchemaRecord(name: "a service of type echo", keys: [])),
        SchemaKind(word: "forward", own: forward),
        SchemaKind(word: "proxy-bridge", own: bridge),
        SchemaKind(
            word: "process",
            own: process,
            lacks: [
                "listen": "write the sockets that the program inherits under `sockets`",
                "drain": "write how long stopping may take as `stop_timeout`",
                "max_connections": "the program accepts its connections itself, remove it",
                "idle_timeout": "the program has its connections itself, remove it",
            ]
        ),
    ]

    static let type = SchemaKey(
        "type",
        .choice(["echo", "forward", "proxy-bridge", "process"]),
        required: true,
        "What the service does."
    )

    /// The keys of every service.
    static let common = SchemaRecord(
        name: "a service",
        keys: [
            type,
            SchemaKey("listen", .oneOrMany(.listen), required: true, "Where the service accepts connections."),
            SchemaKey("requires", .oneOrMany(.reference(word: "service")), "Services that must be ready first."),
            SchemaKey(
                "watchdog",
                .duration(positiveDuration),
                "How long its event loops, or the notifications of a program, may be silent; without it: for ever."
            ),
        ] + inheritable
    )

    /// The keys that a service can have with one type or another.
    static let anyService = SchemaRecord(
        name: common.name,
        keys: kinds.reduce(into: common.keys) { keys, kind in
            keys += kind.own.keys.filter { key in !keys.contains { $0.name == key.name } }
        }
    )

    /// The common keys that `defaults` can give too.
    static let defaults = SchemaRecord(name: "`defaults`", keys: inheritable)

    private static let inheritable = [
        SchemaKey(
            "instances",
            .integer(1...serviceLimit),
            "Runs the service so many times, as `name@0`, `name@1` and so on."
        ),
        SchemaKey(
            "restart",
            .either(restartPolicy, restart),
            default: "on-failure",
            "When and how fast the service starts again; a word stands for a mapping with this `policy`."
        ),
        SchemaKey(
            "essential",
            .boolean,
            default: "true",
            "Whether a failure of the service is a failure of the whole."
        ),
        SchemaKey("enabled", .boolean, default: "true", "Whether the service exists at all."),
        SchemaKey(
            "drain",
            .duration(anyDuration),
            default: "10s",
            "How long open connections may go on after a request to stop."
        ),
        SchemaKey(
            "max_connections",
            .integer(1...connectionLimit),
            default: "10000",
            "How many connections may be open at once."
        ),
        SchemaKey(
            "idle_timeout",
            .duration(anyDuration),
            default: "null",
            nullable: true,
            "Closes a connection without a byte in either direction for this long; `0s` or `null`: never."
        ),
    ]

    private static let restartPolicy = SchemaType.choice(
        RestartSettings.Policy.allCases.map(\.rawValue)
    )

    static let restart = SchemaRecord(
        name: "`restart`",
        keys: [
            SchemaKey("policy", restartPolicy, default: "on-failure", "After which exits the service starts again."),
            SchemaKey("backoff", .record(backoff), "The growing delay before each new attempt."),
            SchemaKey(
                "intensity",
                .integer(0...1000),
                default: "5",
                "How many restarts are allowed within the period before giving up."
            ),
            SchemaKey("period", .duration(positiveDuration), default: "60s", "The window in which restarts count."),
            SchemaKey(
                "reset_after",
                .duration(anyDuration),
                default: "30s",
                "The delay starts anew after the service was ready for this long."
            ),
        ]
    )

    static let backoff = SchemaRecord(
        name: "`backoff`",
        keys: [
            SchemaKey("initial", .duration(anyDuration), default: "500ms", "The first delay, not over the longest."),
            SchemaKey("factor", .decimal(1...100), default: "2", "What each delay is multiplied by."),
            SchemaKey("max", .duration(anyDuration), default: "30s", "The longest delay."),
            SchemaKey("jitter", .decimal(0...1), default: "0.1", "The part of a delay that is random."),
        ]
    )

    static let forward = SchemaRecord(
        name: "a service of type forward",
        keys: [
            SchemaKey("to", .destination, required: true, "Where every connection is relayed to."),
            SchemaKey(
                "connect_timeout",
                .duration(positiveDuration),
                default: "10s",
                "How long connecting to the destination may take."
            ),
        ]
    )
}
