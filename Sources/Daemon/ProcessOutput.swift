import Logging
import Processes

/// Writes the lines of a service's program to the log, as fast as the log is read.
///
/// No line is dropped: when the log has enough, the program waits.
struct ProcessOutput: LineReceiver {
    let service: String
    let sink: LogSink

    func receive(_ line: ProcessLine) -> Bool {
        guard sink.accepts(.info) else { return true }
        return sink.write(line, of: service)
    }

    func whenReady(_ resume: @escaping @Sendable () -> Void) {
        sink.whenCalm(resume)
    }
}
