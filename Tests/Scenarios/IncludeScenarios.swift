import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    /// A configuration in several files.
    @Suite struct Include {
        private static func echo(_ name: String, _ port: UInt16, _ more: String = "") -> String {
            "services:\n  \(name): { type: echo, listen: \"127.0.0.1:\(port)\"\(more) }\n"
        }

        @Test func `a reload after files came and went touches only their services`() throws {
            try Scenario.run { scenario in
                let ports = try Ports.reserve(4)
                let daemon = try scenario.daemon(text: "include: [more/*.yaml]\n" + Self.echo("main", ports[0])) {
                    mkdir($0 + "/more", 0o755)
                    try FileText.write(Self.echo("a", ports[1]), to: $0 + "/more/a.yaml")
                    try FileText.write(Self.echo("b", ports[2]), to: $0 + "/more/b.yaml")
                }
                try daemon.awaitReady()
                let kept = try [daemon.listeners(at: ports[0]), daemon.listeners(at: ports[1])]
                let open = try [ClientSocket(to: ports[0]), ClientSocket(to: ports[1])]
                for client in open { try client.echo("before") }

                unlink(daemon.folder + "/more/b.yaml")
                try FileText.write(Self.echo("c", ports[3]), to: daemon.folder + "/more/c.yaml")
                let verdict = try daemon.reload()
                #expect(verdict.hasPrefix("generation 2: reload applied: 2 keep, 1 start, 1 stop"), "\(verdict)")
                #expect(try [daemon.listeners(at: ports[0]), daemon.listeners(at: ports[1])] == kept)
                for client in open { try client.echo("after") }
                let new = try ClientSocket(to: ports[3])
                try new.echo("new")
                try Facts.wait(for: "the listener of the removed file is closed") {
                    try daemon.listeners(at: ports[2]).isEmpty
                }

                try FileText.write(Self.echo("d", ports[0]), to: daemon.folder + "/more/d.yaml")
                let rejected = try daemon.reload()
                #expect(rejected.contains("rejected: more/d.yaml:2:28: cannot listen on 127.0.0.1:\(ports[0]) for `d`"))
                #expect(rejected.contains("`main` listens there at services.yaml:3:31"), "\(rejected)")
                for client in open + [new] {
                    try client.echo("still")
                    client.close()
                }
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `a daemon without a service waits for the first file`() throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let daemon = try scenario.daemon(text: "include: [more/*.yaml]\n") { mkdir($0 + "/more", 0o755) }
                try daemon.awaitReady()
                try FileText.write(Self.echo("a", port), to: daemon.folder + "/more/a.yaml")
                let verdict = try daemon.reload()
                #expect(verdict.contains("reload applied"), "\(verdict)")
                let client = try ClientSocket(to: port)
                try client.echo("here")
                client.close()
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `an address that somebody has is told with the file that wants it`() throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let thief = try LoopbackServer.upperCaseEcho()
                scenario.atEnd { thief.stop() }
                let daemon = try scenario.daemon(
                    text: "include: [more/a.yaml]\n" + Self.echo("main", port)
                ) {
                    mkdir($0 + "/more", 0o755)
                    try FileText.write(Self.echo("a", thief.port), to: $0 + "/more/a.yaml")
                }
                #expect(try daemon.awaitExit() == .exited(69))
                #expect(daemon.log.contains("more/a.yaml:2:28: cannot bind 127.0.0.1:\(thief.port): "), "\(daemon.log)")
            }
        }

        @Test func `the check shows the mistakes of all files, and waits for none`() throws {
            try Scenario.run { scenario in
                let folder = try scenario.subfolder("more")
                try FileText.write("services:\n  a: { type: ecko }\n", to: folder + "/a.yaml")
                #expect(mkfifo(folder + "/b.yaml", 0o644) == 0)
                try FileText.write(Self.echo("m", 1) + "log: { level: info }\n", to: folder + "/c.yaml")
                let checked = try CheckedFile.check(
                    "include: [more/*.yaml]\n" + Self.echo("m", 2),
                    in: scenario.folder
                )
                #expect(checked.status == .exited(78))
                let lines = checked.output.split(separator: "\n").map(String.init)
                for line in [
                    "more/a.yaml:2:14: cannot use `ecko` for `type`",
                    "more/b.yaml:1:1: cannot include this file: not a regular file",
                    "more/c.yaml:2:3: cannot define the service `m` twice: the first is at services.yaml:3:3",
                    "more/c.yaml:3:1: cannot use `log` in an included file: it belongs in `services.yaml`",
                ] {
                    #expect(lines.contains { $0.hasPrefix(line) }, "\(line)\n\(checked.output)")
                }
                #expect(lines.count { $0.contains(": cannot ") } == 4, "\(checked.output)")
                #expect(lines.contains(" 2 |   a: { type: ecko }"), "\(checked.output)")

                unlink(folder + "/b.yaml")
                try FileText.write(Self.echo("a", 1), to: folder + "/a.yaml")
                unlink(folder + "/c.yaml")
                let good = try CheckedFile.check("include: [more/*.yaml]\n" + Self.echo("m", 2), in: scenario.folder)
                #expect(good.status == .exited(0))
                #expect(good.output == "services.yaml: no diagnostics, 2 services in 2 files\n")
            }
        }
    }
}
