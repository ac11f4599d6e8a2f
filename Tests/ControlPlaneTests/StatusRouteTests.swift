import Testing

@testable import ControlPlane

extension EndpointTests {
    @Suite
    struct StatusRouteTests {
        @Test
        func `every view has its path and tells browsers what they may do`() async throws {
            try await EndpointRig.status { rig in
                for (path, type) in [
                    ("/", "text/html; charset=utf-8"), ("/v1/status", "application/json"), ("/livez", "text/plain"),
                    ("/readyz", "text/plain"), ("/metrics", "text/plain; version=0.0.4"),
                    ("/nowhere", "application/json"),
                ] {
                    let answer = try await EndpointClient(address: rig.address).ask("GET", path)
                    #expect(answer.status == (path == "/nowhere" ? 404 : 200), "\(path)")
                    for field in [
                        "Content-Type: \(type)", "X-Content-Type-Options: nosniff", "Cache-Control: no-store",
                        "Referrer-Policy: no-referrer", "Content-Security-Policy: default-src 'none'; ",
                    ] {
                        #expect(answer.head.contains(field), "\(path) lacks \(field): \(answer.head)")
                    }
                    #expect(!answer.head.lowercased().contains("access-control"))
                }
            }
        }

        @Test
        func `it takes no commands`() async throws {
            try await EndpointRig.status { rig in
                for (method, path, status) in [
                    ("POST", "/v1/reload", 404), ("POST", "/v1/status", 405), ("PUT", "/", 405), ("OPTIONS", "/", 405),
                    ("POST", "/v1/services/echo/stop", 404), ("HEAD", "/", 200), ("GET", "/v1/connections", 404),
                ] {
                    let answer = try await EndpointClient(address: rig.address).ask(method, path)
                    #expect(answer.status == status, "\(method) \(path)")
                }
                #expect(rig.steering.asked == [])
            }
        }

        @Test(arguments: [
            ("localhost", 200), ("127.0.0.1:9901", 200), ("[::1]:9901", 200), ("evil.example", 421), (nil, 200),
            ("127.0.0.1.evil.example", 421), ("", 421),
        ])
        func `a page of somebody else cannot read it`(host: String?, status: Int) async throws {
            try await EndpointRig.status { rig in
                let answer = try await EndpointClient(address: rig.address).ask("GET", "/v1/status", host: host)
                #expect(answer.status == status, "\(answer.head)")
            }
        }

        @Test
        func `a daemon that is not ready says why`() async throws {
            try await EndpointRig.status(ScriptedSteering(isReady: false)) { rig in
                let answer = try await EndpointClient(address: rig.address).ask("GET", "/readyz")
                #expect(answer.status == 503 && answer.body == "not ready: echo is failed\n")
                let alive = try await EndpointClient(address: rig.address).ask("GET", "/livez")
                #expect(alive.status == 200)
            }
        }

        @Test
        func `who watches gets a snapshot at once, at each event, and after a while`() async throws {
            var limits = EndpointLimits.status
            limits.snapshotPause = .milliseconds(10)
            limits.snapshotInterval = .milliseconds(100)
            try await EndpointRig.status(limits: limits) { rig in
                rig.steering.record(1)
                let text = try await EndpointClient(address: rig.address).connect { stream in
                    try await stream.send("GET /v1/events HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: 7\r\n\r\n")
                    try await stream.read(until: "event: record\nid: 1\ndata: {")
                    // The page learns from it that a new daemon counts its events anew.
                    let first = try #require(stream.text.split(separator: "event: ").dropFirst().first)
                    #expect(first.hasPrefix("snapshot\ndata: {"))
                    rig.steering.record(2)
                    try await stream.read(until: "event: record\nid: 2\ndata: {")
                    stream.text = ""
                    try await stream.read(until: "event: snapshot")
                    stream.text = ""
                    try await stream.read(until: "event: snapshot")
                    await rig.drain()
                    return try await stream.read()
                }
                #expect(text.hasSuffix("\r\n0\r\n\r\n"))
            }
        }

        @Test
        func `watchers have a limited number of places`() async throws {
            var limits = EndpointLimits.status
            limits.followers = 1
            try await EndpointRig.status(limits: limits) { rig in
                let client = EndpointClient(address: rig.address)
                try await client.connect { stream in
                    try await stream.send("GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    try await stream.read(until: "event: snapshot")
                    let second = try await client.ask("GET", "/v1/events")
                    #expect(second.status == 429)
                    let head = try await client.ask("HEAD", "/v1/events")
                    #expect(head.status == 429)
                }
                // The place is free as soon as the daemon has seen the watcher go.
                while try await client.ask("HEAD", "/v1/events").status == 429 {}
            }
        }
    }
}
