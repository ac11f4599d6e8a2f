import Addresses
import ServiceConfiguration
import Testing

@testable import ServiceConfiguration

@Suite(.timeLimit(.minutes(1)))
struct ProcessTests {
    private func process(_ keys: String) throws -> ProcessSettings {
        let service = try Reading.only("services: {p: {type: process, command: [x], \(keys)}}")
        guard case .process(let settings) = service.kind else { throw Reading.Rejected() }
        return settings
    }

    @Test
    func `a process has everything that the file says`() throws {
        let text = """
            services:
              p:
                type: process
                command: [bin/server, --port, 80, "--password=${env:PROXY_PASSWORD}", ""]
                directory: data
                environment: {TZ: UTC, EMPTY: "", NUMBER: 010, "odd name": "${env:PORT}"}
                user: www-data
                group: 33
                stop_signal: KILL
                stop_timeout: 0s
                success_exit_codes: [0, 143, 255]
                ready: {log: " listening on ", timeout: 5s}
                health:
                  {command: [/bin/check, -q], interval: 1m, timeout: 2s, successes: 2, failures: 1, on_unhealthy: mark}
                limits: {memory: 1GiB, core: 0B, open_files: 64, processes: 5, cpu_time: 1h}
                output: log
                watchdog: 9s
                sockets: [127.0.0.1:80, unix:/run/p]
                essential: false
            """
        let service = try Reading.only(text)
        guard case .process(let settings) = service.kind else { throw Reading.Rejected() }
        #expect(settings.program.value == "etc/bin/server")
        #expect(settings.program.position == SourcePosition(file: "etc/services.yaml", line: 4, column: 15))
        #expect(settings.arguments == ["--port", "80", "--password=\(Reading.canary)", ""].map { Secret($0) })
        #expect(settings.directory?.value == "etc/data")
        #expect(
            settings.environment.mapValues { $0.reveal { $0 } }
                == ["TZ": "UTC", "EMPTY": "", "NUMBER": "010", "odd name": "7020"]
        )
        #expect(settings.user?.value == "www-data")
        #expect(settings.group?.value == "33")
        #expect(settings.stopSignal == 9)
        #expect(settings.stopTimeout == .zero)
        #expect(settings.successExitCodes == [0, 143, 255])
        #expect(settings.ready.fact == .log(" listening on "))
        #expect(settings.ready.timeout == .seconds(5))
        var health = HealthSettings(check: .command(program: "/bin/check", arguments: [Secret("-q")]))
        health.interval = .seconds(60)
        health.timeout = .seconds(2)
        health.successes = 2
        health.failures = 1
        health.onUnhealthy = .mark
        #expect(settings.health == health)
        var limits = LimitSettings()
        limits.memory = 1 << 30
        limits.core = 0
        limits.openFiles = 64
        limits.processes = 5
        limits.cpuTime = .seconds(3600)
        #expect(settings.limits == limits)
        #expect(service.watchdog == .seconds(9))
        #expect(service.listen.map(\.value.description) == ["127.0.0.1:80", "unix:/run/p"])
        #expect(!service.essential)
    }

    @Test
    func `a command alone is a process with all defaults`() throws {
        let service = try Reading.only("services: {p: {type: process, command: [sleep, 1h]}}")
        let place = SourcePosition(file: "etc/services.yaml", line: 1, column: 1)
        let settings = ProcessSettings(program: Located("sleep", at: place), arguments: [Secret("1h")])
        #expect(service.kind == .process(settings))
        #expect(service.listen.isEmpty)
        #expect(service.watchdog == nil)
    }

    @Test(
        arguments: [
            ("started", .started), ("notify", .notify), ("{tcp: localhost:80}", .tcp(.host("localhost", port: 80))),
            ("{tcp: 'unix:/run/p'}", .tcp(.unix(path: "/run/p"))),
            ("{http: 'http://h'}", .http(ProbeURL(host: "h", port: 80, path: "/"))),
            ("{http: 'HTTP://[::1]:81?a=b%20&c=/?'}", .http(ProbeURL(host: "::1", port: 81, path: "/?a=b%20&c=/?"))),
            ("{http: 'http://[::1]/x'}", .http(ProbeURL(host: "::1", port: 80, path: "/x"))),
            ("{http: 'http://127.0.0.1:${9 * 9}/x@y'}", .http(ProbeURL(host: "127.0.0.1", port: 81, path: "/x@y"))),
            ("{log: 'a: b'}", .log("a: b")),
        ] as [(String, ReadySettings.Fact)]
    )
    func `one fact makes a process ready`(value: String, fact: ReadySettings.Fact) throws {
        #expect(try process("ready: \(value)").ready.fact == fact)
    }

    @Test(
        arguments: [
            ("TERM", 15), ("INT", 2), ("QUIT", 3), ("HUP", 1), ("USR1", 10), ("USR2", 12), ("KILL", 9),
        ] as [(String, Int32)]
    )
    func `a stop signal has its number`(word: String, number: Int32) throws {
        #expect(try process("stop_signal: \(word)").stopSignal == number)
    }

    @Test(arguments: ["null", "'null'", "\"null\""])
    func `where null is a word it needs no quotes`(value: String) throws {
        #expect(try process("output: \(value)").output == .null)
    }

    @Test(arguments: ["~", "", "NULL"])
    func `what only looks like the word null leaves the key empty`(value: String) {
        #expect(Reading.diagnostics("services: {p: {type: process, command: [x], output: \(value)}}").count == 1)
    }

    @Test
    func `each instance has its own words`() throws {
        let text = """
            services:
              bridge: {type: echo, listen: "127.0.0.1:${8888 + instance}", instances: 2}
              web: {type: process, command: [x], sockets: "0.0.0.0:${70 + instance}", instances: 2}
              chrome:
                type: process
                instances: 2
                requires: [bridge, web]
                command: [chromium, "--port=${9222 + instance}", "--proxy=http://${service.bridge.address}"]
                environment: {WEB: "${service.web.host} ${service.web.port}"}
                ready: {http: "http://127.0.0.1:${9222 + instance}/"}
                health: {tcp: "${service.web.address}"}
            """
        let services = try Reading.configuration(text).services
        let chrome = try #require(services.last)
        #expect(chrome.name == "chrome@1")
        #expect(chrome.requires == ["bridge@1", "web@1"])
        guard case .process(let settings) = chrome.kind else { throw Reading.Rejected() }
        #expect(settings.arguments == [Secret("--port=9223"), Secret("--proxy=http://127.0.0.1:8889")])
        #expect(settings.environment == ["WEB": Secret("127.0.0.1 71")])
        #expect(settings.ready.fact == .http(ProbeURL(host: "127.0.0.1", port: 9223, path: "/")))
        #expect(settings.health?.check == .tcp(.host("127.0.0.1", port: 71)))
    }

    @Test
    func `a file gives variables, which the mapping replaces`() throws {
        let variables = try process("environment_file: app.env").environment.mapValues { $0.reveal { $0 } }
        #expect(
            variables == [
                "PLAIN": "a b # c", "INDENTED": "x", "EMPTY": "", "SINGLE": #"a "b" \ c "#,
                "DOUBLE": #"a 'b' "c" $d \e"#, "ESCAPED": #"a "b"#, "TWICE": "2", "PASSWORD": Reading.canary,
            ]
        )
        let both = try process("environment_file: [app.env], environment: {PLAIN: new, OTHER: x}").environment
        #expect(both["PLAIN"] == Secret("new"))
        #expect(both.count == variables.count + 1)
    }

    @Test(arguments: [
        ("A", 1), ("A=1\nB", 2), ("\n=x", 2), ("1A=x", 1), ("A-B=x", 1), ("A='x", 1), ("A='x'y", 1), ("A=\"x", 1),
        ("A=\"x\" y", 1), ("A=\"x\\", 1), ("A=x\\", 1), ("A=\"x\\\"", 1), ("export A=x", 1), ("A=\0", 1), ("Ä=x", 1),
    ])
    func `a line without a variable is found`(text: String, line: Int) {
        #expect(throws: EnvironmentFile.Problems.self) { try EnvironmentFile.variables(of: text) }
        do throws(EnvironmentFile.Problems) {
            _ = try EnvironmentFile.variables(of: text)
        } catch {
            #expect(error.list.map(\.line) == [line])
        }
    }

    @Test
    func `too many files of variables are refused`() {
        let names = Array(repeating: "app.env", count: 17).joined(separator: ", ")
        #expect(
            Reading.diagnostics("services:\n  p: {type: process, command: [x], environment_file: [\(names)]}") == [
                "2:199: cannot read more than 16 files of variables: put them into fewer"
            ]
        )
    }

    @Test
    func `NUL from a file is no argument`() {
        #expect(
            Reading.diagnostics("services:\n  p: {type: process, command: [x, '${file:/run/nul}']}") == [
                "2:35: cannot hand a text with NUL to a program: remove it"
            ]
        )
    }

    @Test
    func `a few lines cannot ask for millions of arguments`() throws {
        func many(_ bytes: Int, _ instances: Int) -> String {
            let list = String(repeating: String(repeating: "x", count: bytes) + ", ", count: 30)
            return "services:\n  p: {type: process, instances: \(instances), command: [\(list)]}\n"
        }
        #expect(try Reading.configuration(many(100, 1000)).services.count == 1000)
        #expect(
            Reading.diagnostics(many(1000, 10_000)) == [
                "2:3: cannot keep over 64 MiB of arguments and variables for all instances: shorten them or run fewer"
            ]
        )
    }

    @Test
    func `what defaults say of connections is nothing to a process`() throws {
        let text = "services: {p: {type: process, command: [x]}}"
        let defaults = "defaults: {drain: 1s, max_connections: 7, idle_timeout: 5s}\n"
        #expect(try Reading.only(defaults + text) == Reading.only(text))
    }

    @Test
    func `words and variables are secrets`() throws {
        let text = """
            services:
              p:
                type: process
                command: [x, "\(Reading.canary)"]
                environment: {A: "\(Reading.canary)"}
                health: {command: [y, "\(Reading.canary)"]}
            """
        let configuration = try Reading.configuration(text)
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!dumped.contains(Reading.canary))
        #expect(!String(reflecting: configuration).contains(Reading.canary))
        for line in 1...6 {
            let diagnostic = Diagnostic(at: SourcePosition(file: "f", line: line, column: 9), "cannot")
            let report = DiagnosticReport([diagnostic], sources: [Reading.source(text, file: "f")])
            #expect(!report.text.contains(Reading.canary))
        }
    }
}
