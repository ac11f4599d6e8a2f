import Addresses
import NIOCore
import NIOPosix

/// One listening UDP socket of a service.
struct DatagramPort: Sendable {
    /// How long a datagram that the kernel has begun to deliver may take after another socket took over.
    private static let settling = TimeAmount.milliseconds(250)
    /// How long a socket is read until it is empty: longer, and a flood would hold up the stop.
    private static let emptying = TimeAmount.seconds(1)

    private let lease: ListenerLease
    private let table: ListenerTable
    /// Nil when the channel could not be made; the failure says why.
    private let open: Open?

    private struct Open: Sendable {
        var channel: any Channel
        var parts: NIOLoopBound<(DatagramSocket, DatagramReader)>
    }

    static func start(
        _ lease: ListenerLease,
        of table: ListenerTable,
        on group: any EventLoopGroup,
        failure: AcceptFailure,
        receiver: @escaping @Sendable (DatagramSocket) throws -> any DatagramReceiver
    ) async -> DatagramPort {
        let bootstrap = DatagramBootstrap(group: group).channelOption(.autoRead, value: false)
        do {
            let channel = try await bootstrap.withBoundSocket(lease.descriptor).get()
            let open = try await open(channel, lease.address, failure, receiver)
            let port = DatagramPort(lease: lease, table: table, open: open)
            await table.beginReading(lease) { await port.rest(open) }
            await port.act(open) { socket, reader in
                do { try reader.begin(socket.channel) } catch { failure.set(error) }
            }
            return port
        } catch {
            failure.set(error)
            return DatagramPort(lease: lease, table: table, open: nil)
        }
    }

    /// Puts everything in its place.
    private static func open(
        _ channel: any Channel,
        _ address: ListenAddress,
        _ failure: AcceptFailure,
        _ receiver: @escaping @Sendable (DatagramSocket) throws -> any DatagramReceiver
    ) async throws -> Open {
        do {
            return try await channel.eventLoop.submit {
                let buffer = FixedSizeRecvByteBufferAllocator(capacity: DatagramSocket.readBuffer)
                try channel.syncOptions?.setOption(.recvAllocator, value: buffer)
                try channel.syncOptions?.setOption(.maxMessagesPerRead, value: DatagramSocket.batch)
                if case .udp(let host, _) = address, host.isWildcard {
                    try channel.syncOptions?.setOption(.receivePacketInfo, value: true)
                }
                let socket = try DatagramSocket(channel)
                let reader = DatagramReader(try receiver(socket), failure: failure)
                try channel.pipeline.syncOperations.addHandler(reader)
                return Open(channel: channel, parts: NIOLoopBound((socket, reader), eventLoop: channel.eventLoop))
            }.get()
        } catch {
            await close(channel)
            throw error
        }
    }

    /// Begins no new session.
    ///
    /// An address that somebody else reads from now on, or the service's next life, is not read any more. One that
    /// nobody owns is first read until it is empty, and then for the sessions that go on.
    func stop() async {
        guard let open else { return }
        switch table.retirement(of: lease) {
        case .none: await rest(open)
        case .acceptQueue: await empty(open, after: .zero)
        case .settleThenAcceptQueue: await empty(open, after: Self.settling)
        }
        await act(open) { $1.receiver.stop() }
    }

    /// Closes the duplicate when the last session is over.
    func close() async {
        if let open {
            table.endReading(lease)
            await act(open) { $1.close() }
            await Self.close(open.channel)
        }
        table.release(lease)
    }

    private func rest(_ open: Open) async {
        await act(open) { socket, reader in reader.rest(socket.channel) }
    }

    private func empty(_ open: Open, after delay: TimeAmount) async {
        do {
            let parts = open.parts
            try await open.channel.eventLoop.flatScheduleTask(in: delay) {
                let (socket, reader) = parts.value
                guard reader.isReading else { return socket.channel.eventLoop.makeSucceededVoidFuture() }
                let isEmpty = socket.channel.eventLoop.makePromise(of: Void.self)
                Self.tell(isEmpty, whenEmpty: socket, until: .now() + Self.emptying)
                return isEmpty.futureResult
            }.futureResult.get()
        } catch {
            // The event loop shuts down: there is nobody left to read.
        }
    }

    /// Looks again after each turn of the event loop, in which the channel reads.
    private static func tell(
        _ promise: EventLoopPromise<Void>,
        whenEmpty socket: DatagramSocket,
        until deadline: NIODeadline
    ) {
        guard socket.isReadable, NIODeadline.now() < deadline else { return promise.succeed() }
        socket.channel.eventLoop.assumeIsolated().execute { tell(promise, whenEmpty: socket, until: deadline) }
    }

    private func act(_ open: Open, _ action: @escaping @Sendable (DatagramSocket, DatagramReader) -> Void) async {
        do {
            let parts = open.parts
            try await open.channel.eventLoop.submit { action(parts.value.0, parts.value.1) }.get()
        } catch {
            // The event loop shuts down, and the channel with it.
        }
    }

    private static func close(_ channel: any Channel) async {
        do {
            try await channel.close().get()
        } catch {
            // It is closed already.
        }
    }
}
