import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    /// `--watch-config`: a change of a file is a reload.
    @Suite struct Watch {
        private static func echo(_ port: UInt16, _ name: String = "echo") -> String {
            "services:\n  \(name): { type: echo, listen: \"127.0.0.1:\(port)\" }\n"
        }

        private func daemon(
            _ scenario: Scenario,
            _ text: String,
            prepare: (_ folder: String) throws -> Void = { _ in }
        ) throws -> DaemonProcess {
            let program = [try DaemonProcess.binary(), "run", "--watch-config"]
            let daemon = try scenario.daemon(text: text, program: program, prepare: prepare)
            try daemon.awaitReady()
            return daemon
        }

        /// Waits for an echo; nobody listens there before the reload.
        private func awaitEcho(_ port: UInt16) throws {
            try Facts.wait(for: "an echo at \(port)") { !(try Ports.isFree(port)) }
            let client = try ClientSocket(to: port)
            try client.echo("here")
            client.close()
        }

        @Test func `a file that is replaced or written in place is loaded, and a wrong one changes nothing`() throws {
            try Scenario.run { scenario in
                let ports = try Ports.reserve(4)
                let daemon = try daemon(scenario, Self.echo(ports[0]))
                #expect(daemon.descriptors.values.contains { $0.contains("inotify") })
                try daemon.configure(text: Self.echo(ports[1]))
                try awaitEcho(ports[1])
                try FileText.write(Self.echo(ports[2]), to: daemon.folder + "/services.yaml")
                try awaitEcho(ports[2])
                try daemon.configure(text: "services: { echo: { type: ecco } }\n")
                try daemon.awaitLine(containing: "reload rejected, nothing changed")
                try awaitEcho(ports[2])
                unlink(daemon.folder + "/services.yaml")
                try daemon.awaitLine(containing: "cannot read", "no such file")
                try awaitEcho(ports[2])
                try daemon.configure(text: Self.echo(ports[3]))
                try awaitEcho(ports[3])
                let answer = try daemon.command("status", "--json")
                #expect(answer.output.contains("\"cause\":\"change\""), "\(answer.output)")
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `the link of a mounted volume is followed`() throws {
            try Scenario.run { scenario in
                let ports = try Ports.reserve(2)
                func publish(_ version: String, _ port: UInt16, in folder: String) throws {
                    mkdir("\(folder)/\(version)", 0o755)
                    try FileText.write(Self.echo(port), to: "\(folder)/\(version)/more.yaml")
                    symlink(version, "\(folder)/..data_tmp")
                    guard rename("\(folder)/..data_tmp", "\(folder)/..data") == 0 else {
                        throw ScenarioFailure("cannot swap the link")
                    }
                }
                let daemon = try daemon(scenario, "include: [mount/*.yaml]\n") { folder in
                    mkdir(folder + "/mount", 0o755)
                    try publish("..first", ports[0], in: folder + "/mount")
                    symlink("..data/more.yaml", folder + "/mount/more.yaml")
                }
                try awaitEcho(ports[0])
                try publish("..second", ports[1], in: daemon.folder + "/mount")
                try awaitEcho(ports[1])
                try Facts.wait(for: "the first address is closed") { try Ports.isFree(ports[0]) }
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `files that come and go, and those with a secret, are watched too`() throws {
            try Scenario.run { scenario in
                let ports = try Ports.reserve(3)
                let text = """
                    include: [more/*.yaml]
                    services:
                      bridge:
                        type: proxy-bridge
                        listen: "127.0.0.1:\(ports[0])"
                        upstream: { url: "http://127.0.0.1:9", username: a, password: "${file:secret/word}" }
                        probe: { mode: off }

                    """
                let daemon = try daemon(scenario, text) { folder in
                    mkdir(folder + "/more", 0o755)
                    mkdir(folder + "/secret", 0o755)
                    try FileText.write("first\n", to: folder + "/secret/word")
                }
                try FileText.write(Self.echo(ports[1]), to: daemon.folder + "/more/a.yaml")
                try awaitEcho(ports[1])
                unlink(daemon.folder + "/more/a.yaml")
                try Facts.wait(for: "the address of the removed file is closed") { try Ports.isFree(ports[1]) }
                try FileText.write("second\n", to: daemon.folder + "/secret/word")
                try daemon.awaitLine(containing: "reload applied: 1 apply")
                let before = daemon.lines(containing: "reload").count
                try FileText.write("nothing", to: daemon.folder + "/notes.txt")
                try FileText.write(Self.echo(ports[2]), to: daemon.folder + "/more/b.yaml")
                try awaitEcho(ports[2])
                #expect(daemon.lines(containing: "reload").count == before + 1, "what nobody reads is nobody's concern")
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `without the option nothing is watched`() throws {
            try Scenario.run { scenario in
                let ports = try Ports.reserve(2)
                let daemon = try scenario.readyDaemon(
                    ConfigurationText("  echo: { type: echo, listen: \"127.0.0.1:\(ports[0])\" }")
                )
                #expect(!daemon.descriptors.values.contains { $0.contains("inotify") })
                #expect(try daemon.stop() == .exited(0))
            }
        }
    }
}
