import Testing

/// Who of a group starts again when a program of it is killed, or the socket of its echo service fails.
struct StrategyCase: Sendable, CustomTestStringConvertible {
    let strategy: String
    let failing: Member
    let restarted: Set<Member>

    var testDescription: String { "\(strategy), \(failing.rawValue) fails" }

    static let all = [
        StrategyCase(strategy: "one-for-one", failing: .first, restarted: [.first]),
        StrategyCase(strategy: "one-for-one", failing: .last, restarted: [.last]),
        StrategyCase(strategy: "one-for-one", failing: .echo, restarted: [.echo]),
        StrategyCase(strategy: "one-for-all", failing: .first, restarted: [.first, .echo, .last]),
        StrategyCase(strategy: "one-for-all", failing: .last, restarted: [.first, .echo, .last]),
        StrategyCase(strategy: "one-for-all", failing: .echo, restarted: [.first, .echo, .last]),
        StrategyCase(strategy: "rest-for-one", failing: .first, restarted: [.first, .echo, .last]),
        StrategyCase(strategy: "rest-for-one", failing: .last, restarted: [.last]),
        StrategyCase(strategy: "rest-for-one", failing: .echo, restarted: [.echo, .last]),
    ]
}
