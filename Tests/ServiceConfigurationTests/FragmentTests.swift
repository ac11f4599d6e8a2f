import ServiceConfiguration
import Testing

/// Puts files together out of good and bad pieces: whatever comes out is either whole or has diagnostics.
@Suite(.timeLimit(.minutes(1)))
struct FragmentTests {
    /// A generator with a seed, so that a failure can be repeated.
    private struct Dice {
        var state: UInt64

        mutating func below(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
    }

    private static let good = [
        "ready: notify", "ready: {http: 'http://h/'}", "ready: {log: x, timeout: 1s}", "health: {command: [y]}",
        "health: {tcp: h:1, interval: 5s}", "environment: {A: \(Reading.canary)}", "environment_file: app.env",
        "watchdog: 5s", "output: null", "limits: {core: 0B}", "user: root", "essential: false", "sockets: 127.0.0.1:0",
        "enabled: false", "requires: s0", "stop_signal: INT", "success_exit_codes: [0, 3]", "directory: .",
    ]
    private static let bad = [
        "type: echo", "type: proxy-bridge", "command: []", "command: [~]", "command: [${service.s1.address}]",
        "listen: 127.0.0.1:0", "sockets: 'udp:127.0.0.1:0'", "instances: 3", "instances: 0", "requires: [s1, g0]",
        "ready: {tcp: '${service.s2.address}'}", "ready: {}", "ready: {log: x, tcp: h:1}", "health: {interval: 5s}",
        "health: {http: 'http://a:\(Reading.canary)@h'}", "environment: {A: '${env:UNSET}'}",
        "environment_file: [none, broken.env]", "upstream: {pool: p}", "output: x", "user: ''", "drain: 1s",
    ]
    private static let children = ["s0", "g0", "g1", "g2", "none", "~", "[s0]"]
    private static let members = [
        "{url: 'http://a:\(Reading.canary)@h:1'}", "{url: 'http://h:2'}", "{url: 'http://h:2'}", "{url: 'https://h:1'}",
    ]

    private static func text(_ dice: inout Dice) -> String {
        var text = "services:\n"
        let instances = dice.below(2) == 0 ? "    instances: 2\n" : ""
        for number in 0..<4 {
            var used: Set<Substring> = []
            text += "  s\(number):\n"
            for _ in 0..<dice.below(4) {
                let pieces = dice.below(12) == 0 ? bad : good
                let line = pieces[dice.below(pieces.count)]
                guard used.insert(line.prefix { $0 != ":" }).inserted else { continue }
                text += "    \(line)\n"
            }
            if used.insert("type").inserted { text += "    type: process\n" }
            if used.insert("command").inserted { text += "    command: [x, '${env:PORT}', \(Reading.canary)]\n" }
            if used.insert("instances").inserted { text += instances }
        }
        text += "groups:\n"
        for number in 0..<3 {
            var list = ["s\(number + 1)"]
            if dice.below(3) == 0 { list.append(children[dice.below(children.count)]) }
            text += "  g\(number): {children: [\(list.joined(separator: ", "))]}\n"
        }
        let list = (0...dice.below(3)).map { _ in members[dice.below(members.count)] }.joined(separator: ", ")
        return text + (dice.below(3) == 0 ? "pools:\n  p: {members: [\(list)]}\n" : "")
    }

    @Test
    func `a file of random pieces is whole or has diagnostics`() {
        var accepted = 0
        var dice = Dice(state: 20_261_121)
        for round in 0..<500 {
            let text = Self.text(&dice)
            switch Reading.outcome(text) {
            case .rejected(let diagnostics):
                let report = DiagnosticReport(diagnostics, sources: [Reading.source(text)]).text
                #expect(!diagnostics.isEmpty && diagnostics.allSatisfy { $0.message.hasPrefix("cannot ") })
                #expect(!report.contains(Reading.canary), "round \(round):\n\(text)\(report)")
            case .accepted(let configuration):
                accepted += 1
                let services = Set(configuration.services.map(\.name))
                var known = services
                let isOrdered = configuration.groups.allSatisfy { group in
                    let isComplete = group.children.allSatisfy(known.contains)
                    return known.insert(group.name).inserted && isComplete
                }
                #expect(isOrdered, "round \(round):\n\(text)")
                let enabled = text.split(separator: "\n  s").dropFirst().filter { !$0.contains("enabled: false") }.count
                let names = Set(services.map { $0.prefix { $0 != "@" } })
                #expect(names.count == enabled, "round \(round):\n\(text)\(names)")
                #expect(configuration.services.allSatisfy { $0.requires.allSatisfy(services.contains) })
                let children = configuration.groups.flatMap(\.children)
                #expect(
                    Set(children).count == children.count && configuration.groups.allSatisfy { !$0.children.isEmpty }
                )
            }
        }
        #expect((25...450).contains(accepted))
    }
}
