extension Schema {
    static let upstream = SchemaRecord(
        name: "an upstream",
        keys: [
            SchemaKey(
                "url",
                .text(.url),
                required: true,
                "The proxy as `http://HOST:PORT`; the scheme may also be `https`, `socks5` or `socks5h`."
            ),
            SchemaKey("username", .text(.secret), "The user name for the proxy, together with `password`."),
            SchemaKey("password", .text(.secret), "The password for the proxy, together with `username`."),
            SchemaKey(
                "ca_file",
                .text(.path),
                "The file with the authorities of an `https` proxy, in place of the system's."
            ),
            SchemaKey(
                "pin_sha256",
                .oneOrMany(.text(.plain)),
                "The SHA-256 of the public keys that an `https` proxy may have."
            ),
            SchemaKey(
                "client_cert",
                .text(.path),
                "The file with the certificate for an `https` proxy that asks for one."
            ),
            // Secret although it is a path: a key may be put here by mistake.
            SchemaKey("client_key", .text(.secret), "The file with the private key of `client_cert`."),
            SchemaKey(
                "insecure_skip_verify",
                .boolean,
                default: "false",
                "Accepts any certificate of an `https` proxy."
            ),
            SchemaKey("server_name", .text(.plain), "The name of an `https` proxy, in place of its host in `url`."),
            SchemaKey(
                "socks_allow_noauth",
                .boolean,
                default: "false",
                "Lets a SOCKS proxy take no credential although there is one."
            ),
            SchemaKey(
                "plain_via",
                .choice(UpstreamProxy.PlainVia.allCases.map(\.rawValue)),
                default: "forward",
                "How plain requests go through an HTTP proxy."
            ),
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
                "Between two checks of one member, at least 1s; each differs by up to a tenth."
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
