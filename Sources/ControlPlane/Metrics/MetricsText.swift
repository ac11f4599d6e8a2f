/// A snapshot in the text format of Prometheus.
package struct MetricsText: Sendable {
    /// The answer of `GET /metrics`.
    package let text: String

    package init(of snapshot: Snapshot) {
        text = """
            # HELP supervisor_ready Whether the daemon is ready.
            # TYPE supervisor_ready gauge
            supervisor_ready \(snapshot.daemon.ready ? 1 : 0)

            """
    }
}
