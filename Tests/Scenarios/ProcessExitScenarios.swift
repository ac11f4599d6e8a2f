import Glibc
import ScenarioSupport
import Testing

/// How a program ends by itself.
enum Ending: String, Sendable, CaseIterable {
    case success = "exit 0"
    case failure = "exit 1"
    case signal = "kill -9 $$"
}

extension ReleaseBinary {
    @Suite struct ProcessExit {
        @Test(arguments: ["always", "on-failure", "never"], Ending.allCases)
        func `what becomes of a program follows its restart policy and the way in which it ended`(
            policy: String,
            ending: Ending
        ) throws {
            try Scenario.run { scenario in
                let port = try Ports.reserve()
                let script = try scenario.script("mortal", "until [ -e go ]; do sleep 0.02; done\n\(ending.rawValue)")
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        """
                          echo: { type: echo, listen: "127.0.0.1:\(port)" }
                          mortal:
                            type: process
                            command: \(script.command)
                            essential: false
                            restart: { policy: \(policy), backoff: { initial: 10ms, max: 10ms }, intensity: 2 }
                        """
                    )
                )
                try script.raise("go")
                let restarts = policy == "always" || policy == "on-failure" && ending != .success
                let isNormal = ending == .success && !restarts
                try daemon.awaitStatus(of: "mortal", containing: isNormal ? " stopped " : " failed ")
                #expect(script.starts.count == (restarts ? 3 : 1), "\(daemon.log)")
                switch ending {
                case .success: break
                case .failure: try daemon.awaitLine(containing: "mortal", "exit code 1")
                case .signal: try daemon.awaitLine(containing: "mortal", "signal 9")
                }
                let client = try ClientSocket(to: port)
                try client.echo("the others go on")
                client.close()
                #expect(daemon.zombies.isEmpty, "\(daemon.zombies)")
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `an exit code that the configuration calls a success is a normal exit`() throws {
            try Scenario.run { scenario in
                let script = try scenario.script("done", "until [ -e go ]; do sleep 0.02; done\nexit 3")
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        "  done: { type: process, command: \(script.command), success_exit_codes: [0, 3] }"
                    )
                )
                try script.raise("go")
                try daemon.awaitStatus(of: "done", containing: " stopped ")
                #expect(script.starts.count == 1)
                #expect(daemon.lines(containing: "crashed").isEmpty, "\(daemon.log)")
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `a program that forks and exits is a failure that leaves nothing`() throws {
            try Scenario.run { scenario in
                let script = try scenario.script(
                    "daemonises",
                    "until [ -e go ]; do sleep 0.02; done\n"
                        + "setsid /bin/sh -c 'echo $$ >> left; exec sleep 1000' & exit 1"
                )
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        """
                          daemonises:
                            type: process
                            command: \(script.command)
                            essential: false
                            restart: { backoff: { initial: 10ms, max: 10ms }, intensity: 3 }
                        """
                    )
                )
                try script.raise("go")
                try daemon.awaitStatus(of: "daemonises", containing: " failed ")
                #expect(script.starts.count == 4)
                try Facts.wait(for: "nothing runs below the daemon but its warden") {
                    daemon.descendants.allSatisfy { $0.command == "warden" }
                }
                #expect(try daemon.stop() == .exited(0))
            }
        }

        @Test func `a hundred crashes leave no descriptor and no process behind`() throws {
            try Scenario.run { scenario in
                let script = try scenario.script("mortal", "exec sleep 1000")
                let daemon = try scenario.readyDaemon(
                    ConfigurationText(
                        """
                          mortal:
                            type: process
                            command: \(script.command)
                            restart: { backoff: { initial: 10ms, max: 10ms }, intensity: 1000 }
                        """
                    )
                )
                try script.awaitStart()
                let processes = daemon.descendants.count
                // Once: what is opened once for a whole life is open before it is counted.
                try script.kill()
                try script.awaitStart(2)
                try Facts.wait(for: "as many processes as before") { daemon.descendants.count == processes }
                let descriptors = daemon.descriptors.count
                for count in 3...102 {
                    try script.kill()
                    try script.awaitStart(count)
                }
                try daemon.awaitDescriptors(descriptors)
                try Facts.wait(for: "as many processes as before") { daemon.descendants.count == processes }
                #expect(daemon.zombies.isEmpty, "\(daemon.zombies)")
                #expect(try daemon.stop() == .exited(0))
            }
        }
    }
}
