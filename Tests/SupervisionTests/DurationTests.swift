import Testing

@testable import Supervision

@Suite(.timeLimit(.minutes(1)))
struct DurationTests {
    @Test(arguments: [
        (Duration.zero, "0s"), (.microseconds(10_326), "10ms"), (.milliseconds(999), "999ms"), (.seconds(1), "1s"),
        (.milliseconds(1_500), "1.5s"), (.milliseconds(1_050), "1.05s"), (.milliseconds(9_999), "9.99s"),
        (.milliseconds(10_050), "10s"), (.milliseconds(59_990), "59.9s"), (.seconds(60), "1m"), (.seconds(90), "1m30s"),
        (.seconds(3_600), "1h"), (.seconds(5_430), "1h30m"), (.seconds(86_400 * 3), "3d"),
        (.seconds(86_400 + 7_300), "1d2h"),
    ])
    func `a duration is short`(duration: Duration, words: String) {
        #expect(duration.words == words)
    }
}
