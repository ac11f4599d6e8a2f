import Glibc
import Logging
import NIOPosix
import Processes
import ServiceConfiguration
import TestSupport
import Testing

@testable import Daemon

@Suite(.timeLimit(.minutes(1)))
struct ProcessOutputTests {
    /// A log whose reader reads only when it is told to.
    private struct SlowLog {
        let sink: LogSink
        private let reader: Int32
        private let writer: Int32

        init(_ settings: LogSettings = LogSettings()) throws {
            var ends: [Int32] = [0, 0]
            try #require(pipe(&ends) == 0)
            (reader, writer) = (ends[0], ends[1])
            sink = LogSink(descriptor: writer, settings: settings)
        }

        /// The first `count` lines; blocks until they are there.
        func lines(_ count: Int) -> [Substring] {
            var text: [UInt8] = []
            var missing = count
            var chunk = [UInt8](repeating: 0, count: 64 * 1024)
            while missing > 0 {
                let length = chunk.withUnsafeMutableBytes { read(reader, $0.baseAddress, $0.count) }
                guard length > 0 else { break }
                missing -= chunk.prefix(length).count { $0 == UInt8(ascii: "\n") }
                text += chunk.prefix(length)
            }
            return String(decoding: text, as: UTF8.self).split(separator: "\n")
        }

        func close() async throws {
            try await sink.close(on: MultiThreadedEventLoopGroup.singleton.next())
            Glibc.close(reader)
            Glibc.close(writer)
        }
    }

    private func line(_ text: String, isError: Bool = false, isPart: Bool = false) -> ProcessLine {
        ProcessLine(text: text, isError: isError, isPart: isPart)
    }

    @Test func `a program waits for a slow log and loses no line, and the daemon's own lines have room`() async throws {
        let log = try SlowLog()
        let output = ProcessOutput(service: "chatter", sink: log.sink)
        let journal = Journal()
        var sent = 0
        for round in 1...3 {
            repeat { sent += 1 } while output.receive(line("line \(sent)"))
            output.whenReady { journal.write("resumed") }
            for _ in 0..<1_000 {
                log.sink.write(LogLine(time: "now", level: .notice, message: "daemon", metadata: [:]))
            }
            let lines = log.lines(sent + 1_000)
            await journal.wait(for: "resumed", count: round)
            #expect(lines.count { $0.hasSuffix("daemon") } == 1_000)
            #expect(lines.count { $0.contains(" info line ") && $0.hasSuffix("service=chatter stream=stdout") } == sent)
            #expect(sent > LogBacklog.lineLimit / 4 && sent < LogBacklog.lineLimit)
            #expect(journal.entries.count == round)
            sent = 0
        }
        try await log.close()
    }

    @Test func `a line carries its service, its stream and its level, in every format`() async throws {
        var settings = LogSettings()
        settings.format = .journal
        let log = try SlowLog(settings)
        let output = ProcessOutput(service: "x", sink: log.sink)
        #expect(output.receive(line("a\u{1b}[31m b", isError: true)))
        #expect(output.receive(line("half", isPart: true)))
        #expect(
            log.lines(2) == [
                #"<6>a\u001b[31m b service=x stream=stderr"#, "<6>half service=x part=true stream=stdout",
            ]
        )
        try await log.close()
    }

    @Test func `a log that leaves out what is only informative takes no line and stops no program`() async throws {
        var settings = LogSettings()
        settings.level = .notice
        let log = try SlowLog(settings)
        let output = ProcessOutput(service: "x", sink: log.sink)
        for _ in 0..<3 * LogBacklog.lineLimit { #expect(output.receive(line("chatter"))) }
        log.sink.print("the end")
        #expect(log.lines(1) == ["the end"])
        try await log.close()
    }
}
