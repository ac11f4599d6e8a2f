import Addresses
import NIOCore
import ServiceConfiguration

/// Asks a program whether it does well, by whatever kind of probe.
struct ProbeRunner: Sendable {
    let group: any EventLoopGroup
    let command: CommandProbe

    /// Ends within `timeout`, and soon after the task is cancelled; nothing of it is left then.
    func run(_ probe: Probe, timeout: Duration) async -> ProbeResult {
        let loop = group.next()
        switch probe {
        case .tcp(let destination):
            return await ProbeConnection.run(to: destination, asking: nil, timeout, on: loop)
        case .http(let url):
            return await ProbeConnection.run(to: .host(url.host, port: url.port), asking: url, timeout, on: loop)
        case .command(let program, let arguments):
            return await command.run(program, arguments, timeout: timeout, on: loop)
        }
    }
}
