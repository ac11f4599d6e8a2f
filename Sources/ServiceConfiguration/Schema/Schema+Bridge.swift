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
            SchemaKey("auth", .record(auth), "What clients must authenticate with."),
            SchemaKey("probe", .record(probe), "Checks the upstream before a load is accepted."),
            SchemaKey(
                "on_swap",
                .choice(BridgeSettings.OnSwap.allCases.map(\.rawValue)),
                default: "drain",
                "What becomes of open tunnels when the upstream changes."
            ),
            SchemaKey("policy", .record(policy), "Which destinations clients may reach."),
            SchemaKey(
                "error_style",
                .choice(["standard", "proxy-chain"]),
                default: "standard",
                "The status codes of failures: those of HTTP, or 590 to 599 as proxy-chain has them."
            ),
            SchemaKey(
                "via",
                .boolean,
                default: "false",
                "Adds a `Via` field to requests and responses."
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
            timeout("swap", "30s", "What is under way when the upstream changes, with `on_swap: drain`."),
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
                .choice(BridgeProbe.Mode.allCases.map(\.rawValue)),
                "How far a probe goes; without it, `auth` for an upstream with a credential, else `off`."
            ),
            SchemaKey("target", .destination, "Where a probe of the mode `target` opens a tunnel to."),
            SchemaKey("timeout", .duration(positiveDuration), default: "5s", "How long a probe may take."),
            SchemaKey(
                "on_fail",
                .choice(BridgeProbe.OnFail.allCases.map(\.rawValue)),
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
            SchemaKey("deny", .list(.text(.plain)), "Destinations that are denied, whatever allows them."),
            SchemaKey("ports", .some(.integer(1...65535)), "The only ports to which a tunnel may lead."),
        ]
    )
}
