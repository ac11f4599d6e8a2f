import Logging

/// The swift-log back end: hands every event to the daemon's one sink.
struct SinkLogHandler: LogHandler {
    let sink: LogSink
    var metadata: Logger.Metadata = [:]
    /// The sink decides, so that a reload changes the level of every logger at once.
    var logLevel: Logger.Level {
        get { sink.level }
        set {}
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        guard sink.accepts(event.level) else { return }
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        sink.write(
            LogLine(time: Timestamp.now(), level: event.level, message: event.message.description, metadata: all)
        )
    }
}
