import Addresses
import Glibc
import NIOCore
import NIOPosix
import ServiceConfiguration
import Sockets
import Supervision

/// Dials the destination of one connection and makes way for the relay.
final class ForwardHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    /// How long to wait for a place in the full queue of a unix listener.
    private static let queuePause = TimeAmount.milliseconds(20)

    private let connection: Connection
    private let settings: ForwardHandling.Settings
    private let failures: DialFailureLog
    private let tasks: TaskPool
    /// What is being dialled, to be closed when the client goes away; several addresses of one name may be under way.
    private var dialled: [any Channel] = []
    /// The client has gone, or the service wants no more dials.
    private var isAbandoned = false

    init(
        _ connection: Connection,
        settings: ForwardHandling.Settings,
        failures: DialFailureLog,
        tasks: TaskPool
    ) {
        self.connection = connection
        self.settings = settings
        self.failures = failures
        self.tasks = tasks
    }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        let client = context.channel
        connection.hold()
        let early = EarlyInputHandler { self.abandon() }
        do {
            try context.pipeline.syncOperations.addHandler(early)
        } catch {
            connection.letGo()
            return client.reset()
        }
        let eventLoop = context.eventLoop
        let handler = NIOLoopBound((self, early), eventLoop: eventLoop)
        do {
            _ = try tasks.submit("dial for connection \(connection.id)") {
                try await withTaskCancellationHandler {
                    _ = try await eventLoop.flatSubmit { handler.value.0.dialAndJoin(client, handler.value.1) }.get()
                } onCancel: {
                    eventLoop.execute { handler.value.0.abandon() }
                }
            }
        } catch {
            fail(client, error)
            connection.letGo()
        }
    }

    private func dialAndJoin(_ client: any Channel, _ early: EarlyInputHandler) -> EventLoopFuture<any Channel> {
        let handler = NIOLoopBound((self, early), eventLoop: client.eventLoop)
        let dialling = dial(on: client.eventLoop)
        dialling.whenComplete { result in
            let (forward, early) = handler.value
            switch result {
            case .success(let upstream): forward.join(client, upstream, early)
            case .failure(let error): forward.fail(client, error)
            }
            forward.connection.letGo()
        }
        return dialling
    }

    private func dial(on eventLoop: any EventLoop) -> EventLoopFuture<any Channel> {
        let handler = NIOLoopBound(self, eventLoop: eventLoop)
        let limit = settings.forward.connectTimeout
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(limit))
            .channelOption(.autoRead, value: false)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try handler.value.prepare(channel) }
            }
        switch settings.forward.to.value {
        case .unix(let path):
            return dial(bootstrap, path, on: eventLoop, until: .now() + TimeAmount(limit))
        case .host(let host, let port):
            // NIO's own resolver would start a thread of libdispatch, which then wakes an idle process for ever.
            let lookup = NameLookup.addresses(of: Authority(host: host, port: port), within: limit, on: eventLoop)
            return lookup.assumeIsolated().flatMap { addresses in
                bootstrap.resolver(KnownAddresses(addresses: addresses, eventLoop: eventLoop))
                    .connect(host: host, port: Int(port))
            }.nonisolated()
        }
    }

    /// A unix listener whose queue is full refuses at once instead of letting the caller wait as TCP does.
    private func dial(
        _ bootstrap: ClientBootstrap,
        _ path: String,
        on eventLoop: any EventLoop,
        until deadline: NIODeadline
    ) -> EventLoopFuture<any Channel> {
        let attempt = NIOLoopBound((self, bootstrap), eventLoop: eventLoop)
        return bootstrap.connect(unixDomainSocketPath: path).flatMapError { error in
            guard (error as? IOError)?.errnoCode == EAGAIN, NIODeadline.now() < deadline,
                !attempt.value.0.isAbandoned
            else { return eventLoop.makeFailedFuture(error) }
            return eventLoop.flatScheduleTask(in: Self.queuePause) {
                let (handler, bootstrap) = attempt.value
                return handler.dial(bootstrap, path, on: eventLoop, until: deadline)
            }.futureResult
        }
    }

    /// From here on the connection's slot covers `channel` too.
    private func prepare(_ channel: any Channel) throws {
        // The task may begin after the client has gone, when there is nobody left to abandon the dial.
        guard !isAbandoned else { throw CancellationError() }
        try channel.prepareForRelay()
        dialled.append(channel)
        connection.adopt(channel)
    }

    private func join(_ client: any Channel, _ upstream: any Channel, _ early: EarlyInputHandler) {
        dialled = []
        guard client.isActive || early.input.isGone else { return upstream.reset() }
        let forward = NIOLoopBound((self, early), eventLoop: client.eventLoop)
        let pipeline = client.pipeline.syncOperations
        pipeline.removeHandler(self).and(pipeline.removeHandler(early)).whenComplete { _ in
            let (handler, early) = forward.value
            handler.relay(client, upstream, early.input)
        }
    }

    private func relay(_ client: any Channel, _ upstream: any Channel, _ early: EarlyInput) {
        do {
            _ = try Relay.join(
                client: client,
                upstream: upstream,
                connection: connection,
                limits: settings.limits,
                fromClient: early
            )
        } catch {
            client.reset()
            upstream.reset()
        }
    }

    private func fail(_ client: any Channel, _ error: any Error) {
        guard client.isActive || !isAbandoned else { return }
        failures.record(error, to: settings.forward.to.value, for: connection)
        connection.end("dial")
        client.reset()
    }

    /// The client has gone: nobody needs what is being dialled.
    private func abandon() {
        guard !isAbandoned else { return }
        isAbandoned = true
        connection.end("rst")
        for channel in dialled { channel.close(promise: nil) }
        dialled = []
    }
}
