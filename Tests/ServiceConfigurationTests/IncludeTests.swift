import ServiceConfiguration
import Testing

@Suite(.timeLimit(.minutes(1)))
struct IncludeTests {
    private static let main = "include: [conf.d/*.yaml]\n"

    private static func echo(_ name: String, _ port: Int) -> String {
        "services:\n  \(name): { type: echo, listen: \"127.0.0.1:\(port)\" }\n"
    }

    // MARK: What files become

    @Test func `files add services, groups, upstreams and pools, which know each other`() throws {
        let table = FileTable(
            Self.main + """
                defaults: { drain: 7s }
                upstreams: { office: { url: "http://127.0.0.1:3128" } }
                services:
                  first: { type: echo, listen: "127.0.0.1:1", requires: [bridge] }
                groups: { outer: { children: [inner, first] } }
                """,
            [
                "etc/conf.d/a.yaml": """
                services:
                  bridge: { type: proxy-bridge, listen: "127.0.0.1:2", upstream: office, requires: [pooled] }
                groups: { inner: { children: [bridge, web] } }
                x-note: [anything]
                """,
                "etc/conf.d/b.yaml": """
                pools: { many: { members: [{ url: "http://127.0.0.1:3129" }] } }
                upstreams: { other: { url: "http://127.0.0.1:3130" } }
                services:
                  pooled: { type: proxy-bridge, listen: "127.0.0.1:3", upstream: { pool: many } }
                  web: { type: forward, listen: "127.0.0.1:4", to: "${service.first.address}" }
                """,
                "etc/conf.d/c.yaml": "# nothing yet\n",
            ]
        )
        let configuration = try table.configuration()
        #expect(configuration.services.map(\.name) == ["pooled", "bridge", "first", "web"])
        #expect(configuration.services.allSatisfy { $0.drain == .seconds(7) })
        #expect(configuration.groups.map(\.name) == ["inner", "outer"])
        #expect(
            configuration.services.map { "\($0.position.position)" } == [
                "etc/conf.d/b.yaml:4:3", "etc/conf.d/a.yaml:2:3", "etc/services.yaml:5:3", "etc/conf.d/b.yaml:5:3",
            ]
        )
        #expect(configuration.services[0].listen.map { "\($0.position)" } == ["etc/conf.d/b.yaml:4:41"])
        #expect(table.reading.sources.map(\.file).count == 4)
    }

    @Test func `a relative path starts at the folder of the file in which it stands`() throws {
        var table = FileTable(
            "include: more/*.yaml\n",
            [
                "etc/more/p.yaml": """
                services:
                  p: { type: process, command: [./run], directory: data, environment: { A: "${file:word}" } }
                """
            ]
        )
        let surroundings = table.surroundings
        var changed = surroundings
        changed.file = { $0 == "etc/more/word" ? .success(Array("yes".utf8)) : surroundings.file($0) }
        let reading = ConfigurationReader(surroundings: changed).read("etc/services.yaml")
        guard case .accepted(let configuration) = reading.outcome,
            case .process(let process)? = configuration.services.first?.kind
        else {
            Issue.record("\(reading.outcome)")
            return
        }
        #expect(process.program.value == "etc/more/run" || process.program.value == "etc/more/./run")
        #expect(process.directory?.value == "etc/more/data")
        table.texts["etc/services.yaml"] = "include: [/abs/x.yaml]\n"
        table.texts["/abs/x.yaml"] = Self.echo("x", 1)
        #expect(try table.configuration().services.map { "\($0.position.position)" } == ["/abs/x.yaml:2:3"])
    }

    @Test(arguments: [
        ("include: [conf.d/*.yaml]", ["B.yaml", "a.yaml", "b.yaml"]),
        ("include: conf.d/[ab].yaml", ["a.yaml", "b.yaml"]),
        ("include: [conf.d/b.yaml, conf.d/?.yaml]", ["b.yaml", "B.yaml", "a.yaml"]),
        ("include: [conf.d/a.yaml, conf.d/a.yaml, ./conf.d/a.yaml]", ["a.yaml"]),
        ("include: [conf.d/link, conf.d/a.yaml]", ["link"]),
        ("include: ['*/a.yaml', '*/*/a.yaml']", ["a.yaml", "a.yaml"]),
        ("include: [empty/*.yaml]", []),
        ("include: ['*.yaml']", []),
    ])
    func `files are read in the order of their patterns and of the bytes of their names, each once`(
        include: String,
        names: [String]
    ) throws {
        var table = FileTable(
            include + "\n",
            [
                "etc/conf.d/b.yaml": Self.echo("b", 1), "etc/conf.d/a.yaml": Self.echo("a", 2),
                "etc/conf.d/B.yaml": Self.echo("B", 3), "etc/conf.d/.hidden.yaml": "nonsense",
                "etc/conf.d/a.yaml.new": "nonsense", "etc/conf.d/deep/a.yaml": Self.echo("deep", 4),
            ]
        )
        table.folders["etc/empty"] = .some(nil)
        table.links = ["etc/conf.d/link": "etc/conf.d/a.yaml", "etc/./conf.d/a.yaml": "etc/conf.d/a.yaml"]
        _ = try table.configuration()
        let read = table.reading.sources.dropFirst().map { String($0.file.split(separator: "/").last ?? "") }
        #expect(read == names)
    }

    // MARK: Diagnostics

    @Test func `the mistakes of all files are reported together, each with its file`() {
        let table = FileTable(
            Self.main + "log: { level: loud }\nservices: { m: { type: echo, listen: nowhere } }\n",
            [
                "etc/conf.d/a.yaml": "services:\n  a: { type: echo, lissten: \"127.0.0.1:1\" }\n",
                "etc/conf.d/b.yaml": "services: [\n",
                "etc/conf.d/c.yaml":
                    "services:\n  c: { type: forward, listen: \"127.0.0.1:1\", to: \"h:${env:UNSET}\" }\n",
            ]
        )
        #expect(
            table.diagnostics.map { String($0.prefix { $0 != " " }) } == [
                "etc/services.yaml:2:15:", "etc/services.yaml:3:38:", "etc/conf.d/a.yaml:2:20:",
                "etc/conf.d/b.yaml:1:11:", "etc/conf.d/c.yaml:2:53:",
            ]
        )
    }

    @Test func `a name that is defined twice is one diagnostic with both places`() {
        let table = FileTable(
            Self.main + Self.echo("web", 1),
            [
                "etc/conf.d/a.yaml": Self.echo("web", 2) + "upstreams: { u: { url: \"http://h:1\" } }\n",
                "etc/conf.d/b.yaml": "upstreams: { u: { url: \"http://h:2\" } }\n",
            ]
        )
        #expect(
            table.diagnostics == [
                "etc/conf.d/a.yaml:2:3: cannot define the service `web` twice: the first is at etc/services.yaml:3:3; "
                    + "rename or remove one of the two",
                "etc/conf.d/b.yaml:1:14: cannot define the upstream `u` twice: the first is at "
                    + "etc/conf.d/a.yaml:3:14; rename or remove one of the two",
            ]
        )
    }

    @Test func `what services fight for is told with the places in both files`() {
        let table = FileTable(
            Self.main,
            [
                "etc/conf.d/a.yaml": Self.echo("a", 1),
                "etc/conf.d/b.yaml": Self.echo("b", 1) + "groups: { a: { children: [b] } }\n",
            ]
        )
        #expect(
            table.diagnostics == [
                "etc/conf.d/b.yaml:2:28: cannot listen on 127.0.0.1:1 for `b`: `a` listens there at "
                    + "etc/conf.d/a.yaml:2:28; choose another address",
                "etc/conf.d/b.yaml:3:11: cannot name a group `a`: the service at etc/conf.d/a.yaml:2:3 has this name, "
                    + "choose another",
            ]
        )
    }

    @Test(arguments: [
        ("log: { level: info }", "1:1: cannot use `log` in an included file: it belongs in `etc/services.yaml`"),
        ("defaults: { drain: 1s }", "1:1: cannot use `defaults` in an included file: it belongs in"),
        ("include: b.yaml", "1:1: cannot include more files from an included one: move this into `include` of"),
        ("servces: {}", "1:1: cannot use unknown key `servces` in an included file: did you mean `services`?"),
        ("- a", "1:1: cannot use a list as a part of a configuration: start with a key such as `services`"),
        ("services:", "1:10: cannot leave `services` empty: "),
    ])
    func `an included file may only define`(text: String, message: String) {
        let table = FileTable(Self.main + Self.echo("m", 1), ["etc/conf.d/a.yaml": text])
        #expect(
            table.diagnostics.map { $0.hasPrefix("etc/conf.d/a.yaml:\(message)") } == [true],
            "\(table.diagnostics)"
        )
    }

    @Test(arguments: [
        ("absent.yaml", "cannot include `absent.yaml`: no such file or directory; name a file that can be read, or"),
        ("closed.yaml", "cannot include `closed.yaml`: permission denied; "),
        ("conf.d", "cannot include `conf.d`: not a regular file; "),
        ("nowhere/*.yaml", "cannot include `nowhere/*.yaml`: there is no folder `etc/nowhere/`; make it, or"),
        ("locked/*.yaml", "cannot look into `etc/locked/` for `locked/*.yaml`: permission denied; "),
        ("'*/'", nil),
        ("''", "cannot include a file without a path: "),
        ("\"a\\nb\"", "cannot include `a\u{FFFD}b`: it has a control character; "),
        ("'${env:PORT}'", "cannot include `${env:PORT}`: there are no expressions here; "),
        ("'a[.yaml'", "cannot use the pattern `a[.yaml`: close the `[` with `]`"),
        ("'conf.d/**/*.yaml'", "cannot use the pattern `conf.d/**/*.yaml`: `**` reaches no further than `*`"),
        ("odd/*", "cannot include `odd/*`: a name there has a control character; "),
    ])
    func `what cannot be included is told where it is asked for`(path: String, message: String?) throws {
        var table = FileTable(
            "include: [\(path)]\n" + Self.echo("m", 1),
            ["etc/conf.d/a.txt": "", "etc/odd/a\u{1B}[31m": ""]
        )
        table.problems = ["etc/closed.yaml": "permission denied", "etc/conf.d": "not a regular file"]
        table.folders["etc/locked"] = "permission denied"
        guard let message else {
            // Everything in the folder, of which some cannot be read.
            #expect(table.diagnostics.count > 1)
            return
        }
        let found = table.diagnostics
        #expect(found.map { $0.hasPrefix("etc/services.yaml:1:11: \(message)") } == [true], "\(found)")
    }

    @Test func `a match that cannot be read is told at its own place, and makes nobody else a liar`() {
        var table = FileTable(
            Self.main + """
                services:
                  m: { type: echo, listen: "127.0.0.1:1", requires: [lost] }
                  f: { type: forward, listen: "127.0.0.1:2", to: "${service.lost.address}" }
                  b: { type: proxy-bridge, listen: "127.0.0.1:3", upstream: lost }
                  p: { type: proxy-bridge, listen: "127.0.0.1:4", upstream: { pool: lost } }
                groups: { g: { children: [m, lost] } }
                """
        )
        table.problems = ["etc/conf.d/a.yaml": "not a regular file", "etc/conf.d/b.yaml": "permission denied"]
        let advice = "make it a file that can be read, or remove it"
        #expect(
            table.diagnostics == [
                "etc/conf.d/a.yaml:1:1: cannot include this file: not a regular file; \(advice)",
                "etc/conf.d/b.yaml:1:1: cannot include this file: permission denied; \(advice)",
            ]
        )
        table.problems = [:]
        table.texts["etc/conf.d/c.yaml"] = "services: {\n"
        #expect(table.diagnostics.map { $0.hasPrefix("etc/conf.d/c.yaml:1:11: ") } == [true], "\(table.diagnostics)")
        table.texts["etc/conf.d/c.yaml"] = Self.echo("other", 5)
        #expect(table.diagnostics.count == 5, "\(table.diagnostics)")
    }

    @Test func `a file without services needs files that may have them`() {
        #expect(FileTable("include: [conf.d/*]\n", ["etc/conf.d/a": ""]).diagnostics == [])
        #expect(FileTable("log: { level: info }\n").diagnostics.count == 1)
        let typingError = FileTable("inclde: [conf.d/*]\ngroups: { g: { children: [a] } }\n").diagnostics
        #expect(typingError.map { $0.hasSuffix("did you mean `include`?") } == [true], "\(typingError)")
    }

    @Test func `the report shows the line of each file`() {
        let table = FileTable(
            Self.main + "log: { level: loud }\n",
            ["etc/conf.d/a.yaml": "\nservices:\n  a: { type: ecko }\n"]
        )
        guard case .rejected(let diagnostics) = table.reading.outcome else {
            Issue.record("accepted")
            return
        }
        let report = DiagnosticReport(diagnostics, sources: table.reading.sources).text
        #expect(report.contains(" 2 | log: { level: loud }\n"))
        #expect(report.contains(" 3 |   a: { type: ecko }\n"))
    }

    // MARK: Limits

    @Test func `more files than anybody writes are refused`() {
        func diagnostics(_ count: Int) -> [String] {
            let files = (0..<count).map { ("etc/conf.d/\($0).yaml", "") }
            return FileTable(Self.main + Self.echo("m", 1), Dictionary(uniqueKeysWithValues: files)).diagnostics
        }
        #expect(diagnostics(1000) == [])
        #expect(
            diagnostics(1001) == [
                "etc/services.yaml:1:11: cannot include more than 1000 files: include fewer, or put more into one"
            ]
        )
    }

    @Test func `one file may have 1 MiB, all together 8 MiB`() {
        let large = String(repeating: "x", count: 1_048_577)
        var table = FileTable(Self.main, ["etc/conf.d/0.yaml": large])
        let tooLarge = "cannot read a file of 1048577 bytes: keep it within 1048576 bytes (1 MiB)"
        #expect(table.diagnostics == ["etc/conf.d/0.yaml:1:1: \(tooLarge)"])
        for number in 1...6 { table.texts["etc/conf.d/\(number).yaml"] = large }
        #expect(table.diagnostics.allSatisfy { $0.hasSuffix(tooLarge) })
        table.texts["etc/conf.d/7.yaml"] = large
        #expect(
            table.diagnostics.first == "etc/services.yaml:1:11: cannot read more than 8388608 bytes (8 MiB) in all "
                + "files: make them smaller, or include fewer"
        )
    }
}
