import ControlPlane
import Sockets
import Supervision

/// Bytes per second of each service, from the snapshots that were taken.
///
/// Nothing is sampled while nobody looks: a rate compares with the last snapshot that is at least a second old.
struct RateMeter: Sendable {
    /// The shortest span that a rate is made of.
    private static let span = Duration.seconds(1)

    private struct Sample {
        var at: ContinuousClock.Instant
        var totals: ConnectionTotals
        /// The rates up to this sample.
        var traffic: Traffic
    }

    private var samples: [ChildID: Sample] = [:]

    /// The traffic of a service, with its rates.
    mutating func traffic(of service: ChildID, _ totals: ConnectionTotals, at now: ContinuousClock.Instant) -> Traffic {
        var traffic = samples[service]?.traffic ?? Traffic()
        if let last = samples[service] {
            let span = last.at.duration(to: now)
            if Self.span <= span {
                let seconds = span / .seconds(1)
                traffic.rateSeconds = (seconds * 1_000).rounded() / 1_000
                traffic.receivedPerSecond = Self.rate(last.totals.received, totals.received, seconds)
                traffic.sentPerSecond = Self.rate(last.totals.sent, totals.sent, seconds)
                samples[service] = Sample(at: now, totals: totals, traffic: traffic)
            }
        } else {
            samples[service] = Sample(at: now, totals: totals, traffic: traffic)
        }
        traffic.connections = totals.connections
        traffic.received = totals.received
        traffic.sent = totals.sent
        return traffic
    }

    /// Forgets the services that are gone.
    mutating func keep(only services: Set<ChildID>) {
        guard samples.count > services.count else { return }
        samples = samples.filter { services.contains($0.key) }
    }

    private static func rate(_ last: UInt64, _ now: UInt64, _ seconds: Double) -> Double {
        last <= now ? (Double(now - last) / seconds).rounded() : 0
    }
}
