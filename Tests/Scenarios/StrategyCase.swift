import Testing

/// Who of a group starts again when a program of it is killed.
struct StrategyCase: Sendable, CustomTestStringConvertible {
    let strategy: String
    let killed: Member
    let restarted: Set<Member>

    var testDescription: String { "\(strategy), \(killed.rawValue) killed" }

    static let all = [
        StrategyCase(strategy: "one-for-one", killed: .first, restarted: [.first]),
        StrategyCase(strategy: "one-for-one", killed: .last, restarted: [.last]),
        StrategyCase(strategy: "one-for-all", killed: .first, restarted: [.first, .echo, .last]),
        StrategyCase(strategy: "one-for-all", killed: .last, restarted: [.first, .echo, .last]),
        StrategyCase(strategy: "rest-for-one", killed: .first, restarted: [.first, .echo, .last]),
        StrategyCase(strategy: "rest-for-one", killed: .last, restarted: [.last]),
    ]
}
