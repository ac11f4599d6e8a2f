/// One open connection; the answer of `GET /v1/connections` is a list of them, oldest first.
package struct ConnectionStatus: Codable, Hashable, Sendable {
    /// Unique within the life of the daemon.
    package var id: UInt64
    package var service: String
    /// The generation of the service that serves it.
    package var generation: UInt64
    /// The client's address.
    package var client: String
    /// What it is for, as far as that is known: `CONNECT a.example:443 by office`.
    package var purpose: String?
    package var seconds: Double
    /// Bytes from the client.
    package var received: UInt64
    /// Bytes to the client.
    package var sent: UInt64
    /// Its service is asked to stop: it may finish what it does.
    package var draining = false

    package init(
        id: UInt64,
        service: String,
        generation: UInt64,
        client: String,
        seconds: Double,
        received: UInt64,
        sent: UInt64
    ) {
        self.id = id
        self.service = service
        self.generation = generation
        self.client = client
        self.seconds = seconds
        self.received = received
        self.sent = sent
    }
}
