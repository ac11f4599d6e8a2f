import ControlPlane
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ControlRequestTests {
    @Test(arguments: [
        (ControlRequest.status, "GET /v1/status"),
        (.connections(of: nil), "GET /v1/connections"),
        (.connections(of: "bridge@0"), "GET /v1/connections?service=bridge%400"),
        (.events(follow: false), "GET /v1/events"),
        (.events(follow: true), "GET /v1/events?follow=1"),
        (.events(follow: false, after: 3), "GET /v1/events?after=3"),
        (.upstreams, "GET /v1/upstreams"),
        (.reload(confirmSeconds: nil), "POST /v1/reload"),
        (.reload(confirmSeconds: 60), "POST /v1/reload?confirm=60"),
        (.confirm, "POST /v1/confirm"),
        (.plan(file: nil), "POST /v1/plan"),
        (.plan(file: "/tmp/a b&c=d?#%.yaml"), "POST /v1/plan?file=%2Ftmp%2Fa%20b%26c%3Dd%3F%23%25.yaml"),
        (.order(.restart, "bridge@0"), "POST /v1/services/bridge%400/restart"),
        (.order(.stop, "../../x\r\ny"), "POST /v1/services/..%2F..%2Fx%0D%0Ay/stop"),
        (.rotate("ü"), "POST /v1/services/%C3%BC/rotate"),
    ])
    func `a request is one line of the contract`(request: ControlRequest, line: String) {
        #expect("\(request.method) \(request.target)" == line)
    }

    @Test(arguments: [
        (
            ["RUNTIME_DIRECTORY": "/run/x", "XDG_RUNTIME_DIR": "/run/user/7", "TMPDIR": "/var/tmp/"],
            ["/run/x/control.sock", "/run/user/7/supervisor/control.sock", "/var/tmp/supervisor-7/control.sock"]
        ),
        (["RUNTIME_DIRECTORY": "", "XDG_RUNTIME_DIR": ""], ["/tmp/supervisor-7/control.sock"]),
        ([:], ["/tmp/supervisor-7/control.sock"]),
    ])
    func `a socket is looked for where a daemon may have it`(environment: [String: String], paths: [String]) {
        let candidates = ControlSocketCandidates(option: nil, variable: { environment[$0] }, user: 7)
        #expect(candidates.paths == paths + ["/run/swift-supervisor/control.sock"])
        let named = ControlSocketCandidates(option: "x.sock", variable: { environment[$0] }, user: 7)
        #expect(named.paths == ["x.sock"])
    }

    @Test func `a name that nobody has is answered by the nearest`() {
        let names = KnownNames(Sample.snapshot)
        #expect(names.names.contains("bridge") && names.names.contains("browser@1"))
        #expect(
            names.refusal(of: "bridg@0").message == "cannot find a service or group `bridg@0`: did you mean `bridge@0`?"
        )
        #expect(names.refusal(of: "zzz").message.hasSuffix("`supervisor status` lists the names"))
    }

    @Test(arguments: [
        ("echo", ["echo"]), ("bridge", ["bridge@0", "bridge@1"]), ("browser@1", ["bridge@1", "chrome@1"]),
        ("edge", ["web", "web", "hostile"]), ("inner", ["hostile"]), ("nobody", []),
    ])
    func `a part of the status is a service, its instances or a group`(name: String, services: [String]) {
        #expect((Sample.snapshot.selecting(name)?.services.map(\.name) ?? []) == services)
    }
}
