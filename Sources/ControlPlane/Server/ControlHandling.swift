import Glibc
package import Logging
package import NIOCore
package import ServiceConfiguration
import Services
package import Sockets
package import Supervision

/// The control API on the control socket.
package struct ControlHandling: StreamHandling {
    package struct Settings: Sendable {
        var group: UInt32?
    }

    private let endpoint: HTTPEndpoint
    private let strangers: StrangerLog
    private let userID = geteuid()

    /// - Parameters:
    ///   - steering: Answers for the daemon.
    ///   - clock: Measures what followers of events wait for.
    ///   - log: Hears of users who must not give commands.
    package init(steering: any Steering, clock: any Clock<Duration> = ContinuousClock(), log: Logger) {
        self.init(steering: steering, limits: .control, clock: clock, log: log)
    }

    init(steering: any Steering, limits: EndpointLimits, clock: any Clock<Duration> = ContinuousClock(), log: Logger) {
        let routes = ControlRoutes(steering, limits: limits, clock: clock, userID: userID)
        endpoint = HTTPEndpoint(routes.table, limits: limits, log: log)
        strangers = StrangerLog(log)
    }

    package func settings(of specification: ServiceSpecification) -> Settings {
        guard case .control(let group)? = specification.endpoint else {
            preconditionFailure("the control socket was given the settings of another kind")
        }
        return Settings(group: group)
    }

    /// In the words of the API, whatever was asked for.
    package var dismissal: [UInt8] {
        let refusal = Refusal(
            .tooMuch,
            "cannot answer: the daemon has no descriptor left; raise its limit of open files, or try again"
        )
        do {
            let body = try JSONFormat.bytes(refusal)
            let head = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
            return Array("\(head)Content-Length: \(body.count)\r\nConnection: close\r\n\r\n".utf8) + body
        } catch {
            preconditionFailure("a refusal is always JSON: \(error)")
        }
    }

    package func begin(
        _ channel: any Channel,
        _ connection: Connection,
        settings: Settings,
        life: TaskPool
    ) throws {
        let admission = PeerAdmission(userID: userID, group: settings.group, strangers: strangers)
        try endpoint.begin(channel, connection, peer: channel.peerCredentials, admission: admission, tasks: life)
    }
}
