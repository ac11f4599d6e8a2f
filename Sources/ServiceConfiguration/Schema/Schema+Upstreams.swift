extension Schema {
    static let upstream = SchemaRecord(
        name: "an upstream",
        keys: [
            SchemaKey("url", .text(.url), required: true, "The proxy as `http://HOST:PORT`."),
            SchemaKey("username", .text(.secret), "The user name for the proxy, together with `password`."),
            SchemaKey("password", .text(.secret), "The password for the proxy, together with `username`."),
        ]
    )

    /// The mapping that a bridge may have in place of an upstream's name.
    static let inlineUpstream = SchemaRecord(
        name: "`upstream`",
        keys: upstream.keys.map { key in
            var key = key
            key.isRequired = false
            return key
        } + [SchemaKey("pool", .reference(word: "pool"), "Takes a member of this pool.")],
        alternatives: ["url", "pool"]
    )

    private static let check = SchemaRecord(
        name: "`check`",
        keys: [
            SchemaKey(
                "interval",
                .duration(Duration.seconds(1)...longest),
                default: "60s",
                "Between two checks of one member; each differs by up to a tenth."
            ),
            SchemaKey("timeout", .duration(positiveDuration), default: "5s", "How long a check may take."),
        ]
    )

    static let pool = SchemaRecord(
        name: "a pool",
        keys: [
            SchemaKey(
                "allocation",
                .choice(PoolSettings.Allocation.allCases.map(\.rawValue)),
                default: "exclusive",
                "How bridges share the members."
            ),
            SchemaKey(
                "limit",
                .integer(1...serviceLimit),
                "How many bridges share a member of a shared pool; without it, any number."
            ),
            SchemaKey(
                "cooldown",
                .duration(anyDuration),
                default: "0s",
                "How long a member that was given up is not lent again, unless nothing else is free."
            ),
            SchemaKey("check", .record(check), "Asks every member from time to time whether it can be used."),
            SchemaKey("members", .some(.record(upstream)), required: true, "The upstreams of the pool."),
        ]
    )
}
