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
        keys: upstream.keys + [
            SchemaKey(
                "pool",
                .reference(word: "pool"),
                availability: .later,
                replaces: "url",
                "Takes an upstream from this pool."
            )
        ]
    )

    static let pool = SchemaRecord(
        name: "a pool",
        keys: [
            SchemaKey(
                "allocation",
                .choice([SchemaChoice("exclusive"), SchemaChoice("shared"), SchemaChoice("round-robin")]),
                default: "shared",
                "How bridges share the members."
            ),
            SchemaKey("members", .list(.record(upstream)), required: true, "The upstreams of the pool."),
        ]
    )
}
