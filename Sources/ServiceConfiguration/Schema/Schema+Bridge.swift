extension Schema {
    static let bridge = SchemaRecord(
        name: "a service of type proxy-bridge",
        keys: [
            SchemaKey(
                "upstream",
                .either(.reference(word: "upstream"), inlineUpstream),
                required: true,
                "The only way out: `direct`, the name of an upstream, or a mapping like one under `upstreams`."
            ),
            SchemaKey(
                "allow_open",
                .boolean,
                default: "false",
                "Accepts clients from other machines without authentication."
            ),
            SchemaKey("timeouts", .record(timeouts), "The limits in time."),
            SchemaKey("auth", .record(auth), availability: .later, "What clients must authenticate with."),
            SchemaKey("probe", .record(probe), availability: .later, "Checks the upstream before a load is accepted."),
            SchemaKey(
                "on_swap",
                .choice(["drain", "cut", "keep"]),
                default: "drain",
                availability: .later,
                "What becomes of open tunnels when the upstream changes."
            ),
            SchemaKey("policy", .record(policy), availability: .later, "Which destinations clients may reach."),
            SchemaKey(
                "error_style",
                .choice(["standard", "proxy-chain"]),
                default: "standard",
                availability: .later,
                "The status codes of failures."
            ),
            SchemaKey(
                "via",
                .boolean,
                default: "false",
                availability: .later,
                "Adds a `Via` field to requests."
            ),
        ]
    )

    static let timeouts = SchemaRecord(
        name: "`timeouts`",
        keys: [
            timeout("first_byte", "60s", "From accept to the first byte of the first request."),
            timeout("request_head", "15s", "From the first byte of a request head to its end."),
            timeout("keep_alive", "75s", "Between two requests on one client connection."),
            timeout("dns", "5s", "Resolving one name."),
            timeout("connect", "10s", "Connecting to an upstream or an origin, name resolution not included."),
            timeout("tls", "10s", "The TLS handshake with an upstream by `https`."),
            timeout(
                "reply",
                "30s",
                "From the request sent to the upstream's reply to CONNECT, or the dialogue of SOCKS."
            ),
            timeout("establishment", "30s", "From the request read to the tunnel open."),
            timeout(
                "response_head",
                "120s",
                orZero: true,
                "From a plain request sent to its response head; `0s`: no limit."
            ),
            timeout("idle", "3600s", orZero: true, "Without a byte in either direction; `0s`: no limit."),
            timeout("half_close", "60s", "Since the last byte after one side has closed its direction."),
            timeout("write_stall", "120s", "Bytes wait for a peer that does not read."),
        ]
    )

    private static func timeout(
        _ name: String,
        _ defaultText: String,
        orZero: Bool = false,
        _ help: String
    ) -> SchemaKey {
        SchemaKey(name, .duration(orZero ? anyDuration : positiveDuration), default: defaultText, help)
    }

    static let auth = SchemaRecord(
        name: "`auth`",
        keys: [
            SchemaKey("username", .text(.secret), required: true, "The user name that clients send."),
            SchemaKey("password", .text(.secret), required: true, "The password that clients send."),
        ]
    )

    static let probe = SchemaRecord(
        name: "`probe`",
        keys: [
            SchemaKey(
                "mode",
                .choice(["off", "connect", "auth"]),
                default: "off",
                "How far a probe goes."
            ),
            SchemaKey("timeout", .duration(positiveDuration), default: "5s", "How long a probe may take."),
            SchemaKey(
                "on_fail",
                .choice(["reject", "warn"]),
                default: "reject",
                "What a failed probe means for the load."
            ),
        ]
    )

    static let policy = SchemaRecord(
        name: "`policy`",
        keys: [
            SchemaKey("allow_private", .boolean, default: "false", "Allows private addresses."),
            SchemaKey("allow", .list(.text(.plain)), "Destinations that are allowed although a rule denies them."),
            SchemaKey("deny", .list(.text(.plain)), "Destinations that are denied."),
            SchemaKey("ports", .list(.integer(1...65535)), "The only ports that CONNECT may name."),
        ]
    )
}
