import NIOCore
import Sockets

/// Relays the datagrams of each client over a socket of its own to one destination.
final class ForwardDatagrams: DatagramReceiver {
    private let service: DatagramService
    private let settings: @Sendable () -> ForwardHandling.Settings
    private let failures: DialFailureLog
    private let refusals: RefusalLog
    private var sessions: [DatagramClient: DatagramSession] = [:]
    private var isStopped = false

    init(
        _ service: DatagramService,
        settings: @escaping @Sendable () -> ForwardHandling.Settings,
        failures: DialFailureLog,
        refusals: RefusalLog
    ) {
        self.service = service
        self.settings = settings
        self.failures = failures
        self.refusals = refusals
    }

    func receive(_ bytes: ByteBuffer, from client: DatagramClient) {
        if let session = sessions[client], session.forward(bytes) { return }
        // Nobody can be answered at port 0.
        guard !isStopped, client.address.port != 0 else { return }
        guard let connection = service.sessions.openSession(of: client.address) else { return refusals.record() }
        let session = DatagramSession(client, connection, settings: settings(), failures: failures, service: service) {
            self.sessions[client] = nil
        }
        sessions[client] = session
        session.dial()
        _ = session.forward(bytes)
    }

    func stop() { isStopped = true }
}
