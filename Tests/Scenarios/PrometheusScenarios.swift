import ScenarioSupport
import Testing

extension ReleaseBinary {
    /// The metrics as Debian's Prometheus reads them.
    @Suite struct Metrics {
        private static let scrapes = 30

        @Test func `Prometheus reads every scrape, and the series do not come and go`() throws {
            try Scenario.run { scenario in
                let (echo, status) = (try Ports.reserve(), try Ports.reserve())
                let text = ConfigurationText("  echo: { type: echo, listen: \"127.0.0.1:\(echo)\" }").text
                let daemon = try scenario.daemon(text: "status: { listen: \"127.0.0.1:\(status)\" }\n" + text)
                try daemon.awaitReady()
                let steady = try scenario.steadyEcho(port: echo)
                let prometheus = try PrometheusPeer(folder: scenario.subfolder("prometheus"), target: status)
                scenario.atEnd { prometheus.stop() }
                try Facts.wait(for: "\(Self.scrapes) scrapes", within: .seconds(40)) {
                    Facts.pace(milliseconds: 250)
                    return try prometheus.value(of: "count_over_time(up[5m])").flatMap { Int($0) } ?? 0 >= Self.scrapes
                }
                #expect(try prometheus.value(of: "min_over_time(up[5m])") == "1", "no scrape failed")
                let samples = try prometheus.value(of: "min_over_time(scrape_samples_scraped[5m])")
                #expect(try samples == prometheus.value(of: "max_over_time(scrape_samples_scraped[5m])"))
                #expect(samples.flatMap { Int($0) } ?? 0 > 10, "\(samples ?? "none")")
                // None was dropped as a duplicate, or because its time was wrong.
                let kept = "min_over_time(scrape_samples_post_metric_relabeling[5m])"
                #expect(try prometheus.value(of: kept) == samples)
                let own = try prometheus.get("/metrics")
                for reason in ["duplicate_timestamp", "out_of_order", "out_of_bounds"] {
                    #expect(own.contains("prometheus_target_scrapes_sample_\(reason)_total 0\n"), "\(reason)")
                }
                let targets = try prometheus.get("/api/v1/targets")
                #expect(targets.contains("\"health\":\"up\"") && targets.contains("\"lastError\":\"\""), "\(targets)")
                #expect(
                    try prometheus.value(of: "supervisor_service_connections{service=\"echo\"}") == "1",
                    "the values are those of the daemon"
                )
                try steady.stop()
                #expect(try daemon.stop() == .exited(0))
            }
        }
    }
}
