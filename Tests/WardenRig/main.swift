import CWarden
import Glibc
import NIOCore
import NIOPosix
import Processes

if cwarden_is_named(CommandLine.unsafeArgv) != 0 { exit(cwarden_run(CommandLine.unsafeArgv)) }

let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
let warden = Warden(group: group)
let words = Array(CommandLine.arguments.dropFirst())
let clock = ContinuousClock()
switch words.first {
case "latency":
    let count = 200
    var spawns: [Duration] = []
    var exits: [Duration] = []
    var cycles: [Duration] = []
    try await warden.start()
    for _ in 0..<count {
        let begin = clock.now
        let child = try await warden.spawn(
            SpawnRequest(program: "/bin/sleep", arguments: ["sleep", "100"], environment: [])
        ) { _ in }
        spawns.append(clock.now - begin)
        let kill = clock.now
        Glibc.kill(child.pid, SIGKILL)
        _ = await child.wait()
        exits.append(clock.now - kill)
        let again = try await warden.spawn(
            SpawnRequest(program: "/bin/sleep", arguments: ["sleep", "100"], environment: [])
        ) { _ in }
        cycles.append(clock.now - kill)
        again.kill()
        _ = await again.wait()
    }
    for (name, times) in [("spawn", spawns), ("kill to gone", exits), ("kill to running again", cycles)] {
        let sorted = times.sorted()
        print(name, "median", sorted[count / 2], "p99", sorted[count * 99 / 100], "min", sorted[0])
    }
    await warden.close()
default:
    do {
        var request = SpawnRequest(program: words[0], arguments: words, environment: [])
        request.output = .inherit
        let status = try await warden.spawn(request) { _ in }.wait().status
        if case .code(let code) = status { exit(code) }
        exit(128)
    } catch {
        exit(127)
    }
}
