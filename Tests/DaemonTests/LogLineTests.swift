import Logging
import ServiceConfiguration
import Testing

@testable import Daemon

@Suite(.timeLimit(.minutes(1)))
struct LogLineTests {
    private let line = LogLine(
        time: "2026-11-21T10:00:00.123Z",
        level: .notice,
        message: "ready \u{1b}[31m\n",
        metadata: ["service": "echo", "error": "two words", "address": "[::1]:7", "quote": "a\"b"]
    )

    @Test(arguments: [
        (
            LogSettings.Format.text,
            #"2026-11-21T10:00:00.123Z notice ready \u001b[31m\u000a service=echo address=[::1]:7 "#
                + #"error="two words" quote="a\"b""#
        ),
        (
            .journal,
            #"<5>ready \u001b[31m\u000a service=echo address=[::1]:7 error="two words" quote="a\"b""#
        ),
        (
            .json,
            #"{"time":"2026-11-21T10:00:00.123Z","level":"notice","message":"ready \u001b[31m\n","#
                + #""service":"echo","address":"[::1]:7","error":"two words","quote":"a\"b"}"#
        ),
    ])
    func `an event is one line, whatever it carries`(format: LogSettings.Format, expected: String) {
        #expect(line.rendered(as: format) == expected + "\n")
    }

    @Test func `a time is printed in UTC with milliseconds`() {
        #expect(Timestamp.text(seconds: 0, nanoseconds: 0) == "1970-01-01T00:00:00.000Z")
        #expect(Timestamp.text(seconds: 1_709_164_799, nanoseconds: 7_999_999) == "2024-02-28T23:59:59.007Z")
    }
}
