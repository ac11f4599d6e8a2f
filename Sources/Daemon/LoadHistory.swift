import ControlPlane

/// The last loads, for the status.
struct LoadHistory: Sendable {
    /// How many are remembered.
    private static let limit = 10

    private(set) var records: [LoadRecord] = []
    /// How many there were, by outcome.
    private(set) var counts: [String: UInt64] = [:]

    mutating func add(_ record: LoadRecord) {
        counts[record.verdict.outcome, default: 0] += 1
        records.append(record)
        if records.count > Self.limit { records.removeFirst() }
    }
}
