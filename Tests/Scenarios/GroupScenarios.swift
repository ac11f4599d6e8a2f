import Glibc
import ScenarioSupport
import Testing

extension ReleaseBinary {
    /// Groups of programs and services: who starts again with whom, and who gives up.
    @Suite struct Groups {
        @Test(arguments: StrategyCase.all)
        func `the strategy of a group decides which programs and services start again`(row: StrategyCase) throws {
            try Scenario.run { scenario in
                let ports = try Ports.reserve(2)
                let (first, last) = try (scenario.sleeper("first"), scenario.sleeper("last"))
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        """
                          outside: { type: echo, listen: "127.0.0.1:\(ports[1])" }
                          first: { type: process, command: \(first.command), \(Self.soon) }
                          echo: { type: echo, listen: "127.0.0.1:\(ports[0])", drain: 100ms, \(Self.soon) }
                          last: { type: process, command: \(last.command), \(Self.soon) }
                        """,
                        groups: "  three: { strategy: \(row.strategy), children: [first, echo, last] }"
                    )
                )
                let listeners = try daemon.listeners
                let outside = try scenario.steadyEcho(port: ports[1])
                let open = try ClientSocket(to: ports[0])
                try open.echo("before")
                for script in [first, last] { try script.awaitStart() }

                switch row.failing {
                case .first: try first.kill()
                case .last: try last.kill()
                case .echo:
                    let socket = try #require(listeners.first { $0.port == ports[0] })
                    try BrokenListener.shutDown(socket, of: daemon.pid, folder: scenario.folder)
                }
                for (script, member) in [(first, Member.first), (last, .last)] where row.restarted.contains(member) {
                    try script.awaitStart(2)
                }
                if row.restarted.contains(.echo) { try open.awaitEnd() } else { try open.echo("goes on") }
                // The socket that was shut down listens again, and is the same.
                if row.failing == .echo { try Facts.wait(for: "the same socket") { try daemon.listeners == listeners } }
                let client = try ClientSocket(to: ports[0])
                try client.echo("after")
                for (script, member) in [(first, Member.first), (last, .last)] {
                    #expect(script.starts.count == (row.restarted.contains(member) ? 2 : 1), "\(member)")
                    #expect(script.running.count == 1, "\(member)")
                }
                #expect(try daemon.listeners == listeners, "no port is closed by a restart")
                open.close()
                client.close()
                try outside.awaitProgress()
                try outside.stop()
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test(arguments: ["one-for-all", "rest-for-one"])
        func `a member that fails while its group restarts does not stop the group from coming back`(strategy: String)
            throws
        {
            try Scenario.run { scenario in
                let first = try scenario.sleeper("first")
                let last = try scenario.script("last", "[ -e calm ] || exit 4\nexec sleep 1000")
                let port = try Ports.reserve()
                try first.raise("calm")
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        """
                          first: { type: process, command: \(first.command), \(Self.often) }
                          last: { type: process, command: \(last.command), \(Self.often) }
                          echo: { type: echo, listen: "127.0.0.1:\(port)", drain: 100ms }
                        """,
                        groups: "  three: { strategy: \(strategy), intensity: 1000, children: [first, last, echo] }"
                    )
                )
                try first.lower("calm")
                try first.kill()
                try last.awaitStart(4)
                try first.raise("calm")
                try Facts.wait(for: "both programs run") { first.running.count == 1 && last.running.count == 1 }
                let client = try ClientSocket(to: port)
                try client.echo("after")
                for name in ["first", "last", "echo"] { try daemon.awaitStatus(of: name, containing: " ready ") }
                #expect(first.running.count == 1 && last.running.count == 1)
                client.close()
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test
        func `a group past its intensity gives up, and past that of its own the daemon exits with 70 and its name`()
            throws
        {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let steady = try scenario.sleeper("steady")
                let broken = try scenario.script("broken", "[ -e calm ] || exit 4\nexec sleep 1000")
                try steady.raise("calm")
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        """
                          echo: { type: echo, listen: "127.0.0.1:\(port)" }
                          steady: { type: process, command: \(steady.command) }
                          broken: { type: process, command: \(broken.command), \(Self.soon) }
                        """,
                        groups: "  pair: { strategy: one-for-one, intensity: 2, children: [steady, broken] }"
                    )
                )
                try steady.lower("calm")
                try broken.kill()
                #expect(try daemon.awaitExit(within: .seconds(20)) == .exited(70))
                #expect(!daemon.lines(containing: "gave up", "pair").isEmpty, "\(daemon.log)")
                // The group starts four times, and allows two restarts each time.
                #expect(broken.starts.count == 12, "\(daemon.log)")
                #expect(steady.starts.count == 4, "\(daemon.log)")
                #expect(try Ports.isFree(port))
            }
        }

        @Test func `a service inside the daemon that fails too often ends it with 70 and its name`() throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        "  echo: { type: echo, listen: \"127.0.0.1:\(port)\", "
                            + "restart: { intensity: 2, backoff: { initial: 10ms } } }"
                    )
                )
                let socket = try #require(try daemon.listeners(at: port).first)
                for life in 1...3 {
                    try BrokenListener.shutDown(socket, of: daemon.pid, folder: scenario.folder)
                    guard life < 3 else { break }
                    try Facts.wait(for: "life \(life + 1)") {
                        daemon.lines(containing: " ready ", "service=echo").count == life + 1
                    }
                }
                #expect(try daemon.awaitExit(within: .seconds(20)) == .exited(70))
                #expect(!daemon.lines(containing: "gave up", "echo").isEmpty, "\(daemon.log)")
                #expect(try Ports.isFree(port))
            }
        }

        @Test func `an essential program that gives up ends the daemon with 70, one that is not does not`() throws {
            for essential in [true, false] {
                try Scenario.run { scenario in
                    let port = try Ports.reserve()
                    let script = try scenario.script("broken", "[ -e calm ] || exit 4\nexec sleep 1000")
                    try script.raise("calm")
                    let daemon = try scenario.readyDaemon(
                        ConfigurationText(
                            """
                              echo: { type: echo, listen: "127.0.0.1:\(port)" }
                              broken:
                                type: process
                                command: \(script.command)
                                essential: \(essential)
                                restart: { backoff: { initial: 10ms, max: 10ms }, intensity: 2 }
                            """
                        )
                    )
                    let client = try ClientSocket(to: port)
                    try client.echo("before")
                    try script.lower("calm")
                    try script.kill()
                    try daemon.awaitLine(containing: "gave up", "broken")
                    if !essential {
                        try daemon.awaitStatus(of: "broken", containing: " failed ")
                        try client.echo("the rest goes on")
                        daemon.send(SIGTERM)
                    }
                    client.close()
                    #expect(try daemon.awaitExit() == .exited(essential ? 70 : 0))
                    #expect(script.starts.count == 3)
                }
            }
        }

        @Test func `a group inside a group escalates level by level`() throws {
            try Scenario.run { scenario in
                let (outer, sibling) = try (scenario.sleeper("outer"), scenario.sleeper("sibling"))
                let broken = try scenario.script("broken", "[ -e calm ] || exit 4\nexec sleep 1000")
                try outer.raise("calm")
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        """
                          outer: { type: process, command: \(outer.command) }
                          sibling: { type: process, command: \(sibling.command) }
                          broken: { type: process, command: \(broken.command), \(Self.soon) }
                        """,
                        groups: """
                              inside: { strategy: one-for-one, intensity: 1, children: [sibling, broken] }
                              around: { strategy: one-for-all, children: [outer, inside] }
                            """
                    )
                )
                for script in [outer, sibling, broken] { try script.awaitStart() }
                // Within the intensity of the inner group nobody else is touched.
                try broken.kill()
                try broken.awaitStart(2)
                #expect(outer.starts.count == 1 && sibling.starts.count == 1)
                // Past it the inner group starts anew, and the outer one with all its members.
                try broken.kill()
                for script in [outer, sibling] { try script.awaitStart(2) }
                try broken.awaitStart(3)
                #expect(!daemon.lines(containing: "gave up", "inside").isEmpty, "\(daemon.log)")
                #expect(daemon.lines(containing: "gave up", "around").isEmpty, "\(daemon.log)")
                for script in [outer, sibling, broken] { #expect(script.running.count == 1) }
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `a group of instanced services restarts pair by pair`() throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve(inARow: 3)
                let program = try scenario.script("program", "echo $$ >> \"instance.$INSTANCE\"\nexec sleep 1000")
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        """
                          bridge:
                            type: echo
                            instances: 3
                            listen: "127.0.0.1:${\(port) + instance}"
                            drain: 100ms
                          program:
                            type: process
                            instances: 3
                            requires: [bridge]
                            command: \(program.command)
                            environment: { INSTANCE: "${instance}" }
                            \(Self.soon)
                        """,
                        groups: "  pair: { strategy: one-for-all, children: [bridge, program] }"
                    )
                )
                func pids(_ instance: Int) -> [pid_t] {
                    (FileText.readIfPresent("\(scenario.folder)/instance.\(instance)") ?? "")
                        .split(separator: "\n").compactMap { pid_t($0) }
                }
                try Facts.wait(for: "three programs run") { (0..<3).allSatisfy { pids($0).count == 1 } }
                let clients = try (0..<3).map { try ClientSocket(to: port + UInt16($0)) }
                for client in clients { try client.echo("before") }
                kill(try #require(pids(1).first), SIGKILL)
                try Facts.wait(for: "the second program runs again") { pids(1).count == 2 }
                try clients[1].awaitEnd()
                for index in [0, 2] {
                    try clients[index].echo("untouched")
                    #expect(pids(index).count == 1)
                }
                for client in clients { client.close() }
                #expect(try daemon.stop() == .exited(0))
            }
        }

        private static let soon = "restart: { backoff: { initial: 10ms, max: 10ms } }"
        private static let often = "restart: { backoff: { initial: 10ms, max: 10ms }, intensity: 1000 }"
    }
}
