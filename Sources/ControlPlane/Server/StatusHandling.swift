import Addresses
package import Logging
package import NIOCore
package import ServiceConfiguration
import Services
package import Sockets
package import Supervision

/// The status page with its events and metrics: views alone, for everybody who can connect.
package struct StatusHandling: StreamHandling {
    package struct Settings: Sendable {
        /// A browser can come by TCP only.
        var isReachedByBrowsers: Bool
    }

    private let endpoint: HTTPEndpoint

    /// - Parameters:
    ///   - steering: Gives snapshots and events.
    ///   - clock: Measures what followers of events wait for.
    ///   - log: For hummingbird, which says nothing above the level of debugging.
    package init(steering: any Steering, clock: any Clock<Duration> = ContinuousClock(), log: Logger) {
        self.init(steering: steering, limits: .status, clock: clock, log: log)
    }

    init(steering: any Steering, limits: EndpointLimits, clock: any Clock<Duration> = ContinuousClock(), log: Logger) {
        let routes = StatusRoutes(steering, limits: limits, clock: clock)
        endpoint = HTTPEndpoint(routes.table, fields: PageSecurity.fields, limits: limits, log: log)
    }

    package func settings(of specification: ServiceSpecification) -> Settings {
        let isReachedByBrowsers = specification.listen.contains { listen in
            switch listen.value {
            case .tcp, .udp: true
            case .unix: false
            }
        }
        return Settings(isReachedByBrowsers: isReachedByBrowsers)
    }

    package func begin(
        _ channel: any Channel,
        _ connection: Connection,
        settings: Settings,
        life: TaskPool
    ) throws {
        let admission = HostAdmission(isReachedByBrowsers: settings.isReachedByBrowsers)
        try endpoint.begin(channel, connection, peer: nil, admission: admission, tasks: life)
    }
}
