import Addresses
import ServiceConfiguration
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ExpressionTests {
    private func listen(_ value: String, instances: Int? = nil) -> String {
        let count = instances.map { ", instances: \($0)" } ?? ""
        return "services:\n  a: {type: echo, listen: \"\(value)\"\(count)}\n"
    }

    @Test(arguments: [
        ("127.0.0.1:${env:PORT}", "127.0.0.1:7020"),
        ("127.0.0.1:${env:UNSET:-7021}", "127.0.0.1:7021"),
        ("127.0.0.1:${env:EMPTY:-7022}", "127.0.0.1:7022"),
        ("127.0.0.1:${env:PORT:-7021}", "127.0.0.1:7020"),
        ("127.0.0.1:${7000 + 7 * (5 - 2) % 4}", "127.0.0.1:7001"),
        ("127.0.0.1:${ 7000/2 -- 1 }", "127.0.0.1:3501"),
        ("unix:/run/$${x}", "unix:/run/${x}"),
        ("unix:/run/${env:NESTED}", "unix:/run/${env:PORT}"),
        ("unix:/run/$x$", "unix:/run/$x$"),
    ])
    func `an expression is replaced once`(text: String, address: String) throws {
        let service = try Reading.only(listen(text))
        #expect(service.listen.map(\.value.description) == [address])
    }

    @Test
    func `each instance has its own number`() throws {
        let services = try Reading.configuration(listen("127.0.0.1:${8888 + instance * 2}", instances: 3)).services
        #expect(services.map(\.name) == ["a@0", "a@1", "a@2"])
        #expect(
            services.flatMap(\.listen).map(\.value.description) == [
                "127.0.0.1:8888", "127.0.0.1:8890", "127.0.0.1:8892",
            ]
        )
    }

    @Test(arguments: [
        ("127.0.0.1:${env:UNSET}", "2:38: cannot read the environment variable `UNSET`"),
        ("127.0.0.1:${instance}", "2:38: cannot use `instance` here"),
        ("127.0.0.1:${1 / 0}", "2:38: cannot divide by zero"),
        ("127.0.0.1:${1 % 0}", "2:38: cannot divide by zero"),
        ("127.0.0.1:${9223372036854775807 + 1}", "2:38: cannot compute"),
        ("127.0.0.1:${9223372036854775808}", "2:38: cannot understand this expression"),
        ("127.0.0.1:${1 +}", "2:38: cannot understand this expression"),
        ("127.0.0.1:${}", "2:38: cannot understand this expression"),
        ("127.0.0.1:${(1}", "2:38: cannot understand this expression"),
        ("127.0.0.1:${010}", "2:38: cannot understand this expression"),
        ("127.0.0.1:${1", "2:38: cannot find the end"),
        ("${env:1A}", "2:28: cannot read an environment variable of this name"),
        ("${env:}", "2:28: cannot read an environment variable of this name"),
        ("${file:}", "2:28: cannot read a file without a path"),
        ("${file:/run/none}", "2:28: cannot read the file `/run/none`: no such file or directory"),
        ("${file:/run/closed}", "2:28: cannot read the file `/run/closed`: permission denied"),
        ("${file:/run/binary}", "2:28: cannot use the file `/run/binary`: it is not UTF-8"),
        ("${file:/run/huge}", "2:28: cannot use the file `/run/huge`: it is larger than 64 KiB"),
        ("${service.a.port}", "2:28: cannot use the address of a service in an address to listen on"),
        ("${env:BAD}", "2:27: cannot listen on this value: "),
    ])
    func `a useless expression is a diagnostic at its place`(text: String, start: String) {
        let diagnostics = Reading.diagnostics(listen(text))
        #expect(diagnostics.count == 1)
        #expect(diagnostics.allSatisfy { $0.hasPrefix(start) }, "\(diagnostics)")
    }

    @Test
    func `a very deep expression is refused`() {
        let text = String(repeating: "(", count: 5000) + "1" + String(repeating: ")", count: 5000)
        #expect(Reading.diagnostics(listen("${\(text)}")).count == 1)
        #expect(Reading.diagnostics(listen("${\(String(repeating: "-", count: 5000))1}")).count == 1)
    }

    @Test
    func `ten thousand instances share one expression`() throws {
        let sum = "7000" + String(repeating: " ", count: 235) + "- 0 * instance"
        let text = listen("unix:/run/${instance}-${\(sum)}", instances: 10_000)
        let services = try Reading.configuration(text).services
        #expect(services.count == 10_000)
        #expect(services.last?.listen.map(\.value.description) == ["unix:/run/9999-7000"])
    }

    @Test
    func `an expression may have 256 bytes`() throws {
        func sum(_ bytes: Int) -> String { "127.0.0.1:${7000\(String(repeating: " ", count: bytes - 4))}" }
        #expect(try Reading.only(listen(sum(256))).listen.map(\.value.description) == ["127.0.0.1:7000"])
        for bytes in [257, 54_000] {
            #expect(
                Reading.diagnostics(listen(sum(bytes))) == [
                    "2:38: cannot use an expression of over 256 bytes: shorten it, or put the value in a variable"
                ]
            )
        }
    }

    @Test
    func `a value may have sixteen expressions`() throws {
        func zeros(_ count: Int) -> String { "unix:/" + String(repeating: "${0}", count: count) }
        #expect(try Reading.only(listen(zeros(16))).listen.count == 1)
        #expect(
            Reading.diagnostics(listen(zeros(17), instances: 10_000)) == [
                "2:98: cannot use more than 16 expressions in one value: write a part of it as text"
            ]
        )
    }

    @Test
    func `a value over the limit of scalars is not expanded`() {
        let text = listen("${env:UNSET}" + String(repeating: "x", count: 65_536), instances: 10_000)
        #expect(Reading.diagnostics(text) == ["2:27: cannot use a value of over 65536 bytes: shorten it"])
    }

    @Test
    func `what expressions put in does not make a value longer than a value may be`() {
        let text = listen("${file:/run/full}${file:/run/full}", instances: 10_000)
        #expect(
            Reading.diagnostics(text) == [
                "2:27: cannot use a value of over 64 KiB: shorten what its expressions stand for"
            ]
        )
    }

    @Test
    func `a file gives its content without one line break`() throws {
        let one = """
            upstreams:
              u: {url: "http://h:1", username: a, password: "${file:password}"}
            services:
              a: {type: proxy-bridge, listen: 127.0.0.1:1, upstream: u}
            """
        guard case .proxyBridge(let bridge) = try Reading.only(one).kind, case .proxy(let proxy) = bridge.upstream
        else {
            Issue.record("no upstream")
            return
        }
        #expect(proxy.credential?.password == Secret(Reading.canary))
        let two = one.replacing("file:password", with: "file:/run/two-lines")
        #expect(Reading.diagnostics(two) == ["2:49: cannot send a password with a line break or NUL: remove it"])
    }

    @Test(
        arguments: [
            ("127.0.0.1:7", nil, "${service.t.address}", "127.0.0.1:7"),
            ("0.0.0.0:7", nil, "${service.t.address}", "127.0.0.1:7"),
            ("'[::]:7'", nil, "${service.t.address}", "[::1]:7"),
            ("'[::1]:7'", nil, "'[${service.t.host}]:${service.t.port}'", "[::1]:7"),
            ("'127.0.0.1:${7 + instance}'", 3, "'${service.t.address}'", "127.0.0.1:7"),
            ("unix:/run/t", nil, "${service.t.address}", "unix:/run/t"),
            ("127.0.0.1:0", nil, "'${service.t.host}:9'", "127.0.0.1:9"),
        ] as [(String, Int?, String, String)]
    )
    func `a destination can name a service`(target: String, instances: Int?, to: String, result: String) throws {
        let count = instances.map { ", instances: \($0)" } ?? ""
        let quoted = to.first == "'" ? to : "'\(to)'"
        let keys = "to: \(quoted), instances: \(instances ?? 1)"
        let text = """
            services:
              t: {type: echo, listen: \(target)\(count)}
              f: {type: forward, listen: 'unix:/run/f${instance}', \(keys)}
            """
        let forward = try #require(try Reading.configuration(text).services.first { $0.name == "f@0" })
        guard case .forward(let settings) = forward.kind else {
            Issue.record("no forward")
            return
        }
        #expect(settings.to.value.description == result)
    }

    @Test(arguments: [
        ("127.0.0.1:0", "", "${service.t.port}", "cannot know the port of `t`"),
        ("127.0.0.1:0", "", "${service.t.address}", "cannot know the port of `t`"),
        ("unix:/t", "", "${service.t.port}", "cannot use a port of `t`"),
        ("unix:/t", "", "${service.t.host}", "cannot use a host of `t`"),
        ("127.0.0.1:1", "", "${service.tt.port}", "cannot find the service `tt`: define it"),
        ("127.0.0.1:1", "", "${service.t.prot}", "cannot tell what this expression asks"),
        ("127.0.0.1:1", ", enabled: false", "${service.t.port}", "cannot use the address of `t`: it is not enabled"),
        ("'127.0.0.1:${1 + instance}'", ", instances: 2", "${service.t.port}", "cannot tell which instance of `t`"),
    ])
    func `an address that a service does not have is a diagnostic`(
        target: String,
        keys: String,
        to: String,
        message: String
    ) {
        let text = """
            services:
              t: {type: echo, listen: \(target)\(keys)}
              f: {type: forward, listen: 127.0.0.1:99, to: "127.0.0.1:\(to)"}
            """
        let diagnostics = Reading.diagnostics(text)
        #expect(diagnostics.count == 1)
        #expect(diagnostics.first?.hasPrefix("3:59: \(message)") == true, "\(diagnostics)")
    }
}
