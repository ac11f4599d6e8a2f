import ServiceConfiguration
import Testing

@testable import ControlPlane

extension EndpointTests {
    @Suite
    struct ControlRouteTests {
        @Test
        func `every view has its path`() async throws {
            try await EndpointRig.control { rig in
                rig.steering.record(2)
                let views = [
                    ("/v1/status", "application/json", "\"unready_reason\"", false),
                    ("/v1/status", "application/json", "\"configuration\":\"services.yaml\"", true),
                    ("/v1/connections", "application/json", "\"connections\":[]", true),
                    ("/v1/connections?service=echo%401", "application/json", "\"omitted\":0", true),
                    ("/v1/events", "application/x-ndjson", "\"sequence\":2", true),
                    ("/v1/events?after=1", "application/x-ndjson", "\"sequence\":1", false),
                    ("/v1/events?after=99", "application/x-ndjson", "\"sequence\":1", true),
                    ("/v1/upstreams", "application/json", "\"residential\"", true),
                    ("/metrics", "text/plain; version=0.0.4", "supervisor_ready 1", true),
                    ("/livez", "text/plain", "ok", true),
                    ("/readyz", "text/plain", "ready", true),
                ]
                for (path, type, fragment, isThere) in views {
                    let answer = try await EndpointClient(address: rig.address).ask("GET", path)
                    #expect(answer.status == 200, "\(path)")
                    #expect(answer.head.contains("Content-Type: \(type)"), "\(path): \(answer.head)")
                    #expect(answer.head.contains("Cache-Control: no-store"), "\(path): \(answer.head)")
                    #expect(answer.body.contains(fragment) == isThere, "\(path): \(answer.body)")
                }
                let head = try await EndpointClient(address: rig.address).ask("HEAD", "/v1/status")
                #expect(head.status == 200 && head.body.isEmpty)
            }
        }

        @Test
        func `what is wrong with a request is said in JSON`() async throws {
            try await EndpointRig.control { rig in
                let long = String(repeating: "a", count: 20_000)
                let refusals = [
                    ("GET", "/", 404, "not-found"), ("GET", "/v1", 404, "not-found"),
                    ("GET", "/v1/status/", 200, ""), ("GET", "/v1/services/a/b/stop", 404, "not-found"),
                    ("POST", "/v1/status", 405, "bad-request"), ("OPTIONS", "/v1/status", 405, "bad-request"),
                    ("GET", "/v1/reload", 405, "bad-request"), ("DELETE", "/v1/services/a/stop", 405, "bad-request"),
                    ("POST", "/v1/services/nobody/stop", 404, "unknown-name"),
                    ("GET", "/v1/connections?service=nobody", 404, "unknown-name"),
                    ("GET", "/v1/connections?servcie=a", 400, "bad-request"),
                    ("GET", "/v1/events?follow=maybe", 400, "bad-request"),
                    ("GET", "/v1/events?after=-1", 400, "bad-request"),
                    ("GET", "/v1/events?after=1&after=2", 400, "bad-request"),
                    ("POST", "/v1/reload?confirm=0", 400, "bad-request"),
                    ("POST", "/v1/reload?confirm=60s", 400, "bad-request"),
                    ("POST", "/v1/services/%zz/stop", 400, "bad-request"),
                    ("POST", "/v1/services/%00/stop", 400, "bad-request"),
                    ("POST", "/v1/plan?file=relative.yaml", 400, "bad-request"),
                    ("POST", "/v1/confirm", 409, "nothing-to-confirm"),
                    ("GET", "/v1/connections?service=\(long)", 400, ""),
                ]
                for (method, path, status, kind) in refusals {
                    let answer = try await EndpointClient(address: rig.address).ask(method, path)
                    #expect(answer.status == status, "\(method) \(path.prefix(60)): \(answer.head)")
                    guard !kind.isEmpty else { continue }
                    let refusal = try JSONFormat.value(Refusal.self, from: Array(answer.body.utf8))
                    #expect(
                        refusal.kind.rawValue == kind && refusal.message.hasPrefix("cannot "),
                        "\(path): \(refusal)"
                    )
                }
                let options = try await EndpointClient(address: rig.address).ask("OPTIONS", "/v1/status")
                #expect(options.head.contains("Allow: GET, HEAD"))
            }
        }

        @Test(arguments: [
            ("applied", 200), ("unchanged", 200), ("planned", 200), ("rejected", 422), ("reverted", 422), ("busy", 409),
            ("called-off", 503),
        ])
        func `a verdict decides the status of its answer`(outcome: String, status: Int) async throws {
            try await EndpointRig.control(ScriptedSteering(outcome: outcome)) { rig in
                let answer = try await EndpointClient(address: rig.address).ask("POST", "/v1/reload?confirm=60")
                #expect(answer.status == status)
                let verdict = try JSONFormat.value(VerdictDocument.self, from: Array(answer.body.utf8))
                #expect(verdict.outcome == outcome && verdict.generation == 3)
                #expect(rig.steering.asked == ["reload 60.0 seconds"])
            }
        }

        @Test
        func `commands carry decoded names and paths`() async throws {
            try await EndpointRig.control { rig in
                for path in [
                    "/v1/services/bridge@1/start", "/v1/services/bridge%401/stop", "/v1/services/echo/restart",
                    "/v1/services/bridge@1/rotate", "/v1/plan", "/v1/plan?file=/etc/a%20b%26c.yaml", "/v1/reload",
                ] {
                    let answer = try await EndpointClient(address: rig.address).ask("POST", path)
                    #expect(answer.status == 200, "\(path)")
                }
                #expect(
                    rig.steering.asked == [
                        "start bridge@1", "stop bridge@1", "restart echo", "rotate bridge@1", "plan -",
                        "plan /etc/a b&c.yaml", "reload -",
                    ]
                )
            }
        }

        @Test
        func `a follower gets what was, then what comes, and the end of the journal`() async throws {
            try await EndpointRig.control { rig in
                rig.steering.record(3)
                let text = try await EndpointClient(address: rig.address).connect { stream in
                    try await stream.send("GET /v1/events?follow=1&after=1 HTTP/1.1\r\nHost: x\r\n\r\n")
                    try await stream.read(until: "\"sequence\":3")
                    rig.steering.record(1)
                    try await stream.read(until: "\"sequence\":4")
                    rig.steering.events.close()
                    return try await stream.read(until: "\r\n0\r\n\r\n")
                }
                #expect(!text.contains("\"sequence\":1,") && text.hasSuffix("\r\n0\r\n\r\n"), "\(text)")
            }
        }

        @Test
        func `many ask at once on connections that are kept`() async throws {
            try await EndpointRig.control { rig in
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<200 {
                        group.addTask {
                            try await EndpointClient(address: rig.address).connect { stream in
                                for _ in 0..<3 {
                                    stream.text = ""
                                    try await stream.send("GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n")
                                    try await stream.read(until: "\"version\":1}\n")
                                }
                                return EndpointClient.Answer(stream.text).status
                            }
                        }
                    }
                    for try await status in group { #expect(status == 200) }
                }
            }
        }
    }
}
