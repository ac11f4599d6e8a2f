import Addresses
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceConfiguration
import Supervision

/// One probe over a connection: name, addresses, connection, and for HTTP a request; it can be cancelled at any time.
///
/// To be used on its event loop only.
final class ProbeConnection {
    private let destination: Destination
    /// Nil: the connection alone is the answer.
    private let url: ProbeURL?
    private let timeout: Duration
    private let loop: any EventLoop
    private let outcome: EventLoopPromise<ProbeResult>
    private var channels: [any Channel] = []
    private var timer: Scheduled<Void>?
    private var isOver = false

    private init(_ destination: Destination, _ url: ProbeURL?, _ timeout: Duration, on loop: any EventLoop) {
        self.destination = destination
        self.url = url
        self.timeout = timeout
        self.loop = loop
        outcome = loop.makePromise()
    }

    /// Asks; returns when every connection that was tried is closed.
    static func run(
        to destination: Destination,
        asking url: ProbeURL?,
        _ timeout: Duration,
        on loop: any EventLoop
    ) async -> ProbeResult {
        let begun = loop.submit { NIOLoopBound(ProbeConnection(destination, url, timeout, on: loop), eventLoop: loop) }
        do {
            let probe = try await begun.get()
            return try await withTaskCancellationHandler {
                try await loop.flatSubmit { probe.value.start() }.get()
            } onCancel: {
                loop.execute { probe.value.end(.bad("the probe was called off")) }
            }
        } catch {
            return .bad("\(error)")
        }
    }

    private func start() -> EventLoopFuture<ProbeResult> {
        guard !isOver else { return outcome.futureResult }
        timer = loop.assumeIsolated().scheduleTask(in: TimeAmount(timeout)) {
            self.end(.bad("\(self.name) did not answer within \(self.timeout.words)"))
        }
        switch destination {
        case .host(let host, let port):
            let authority = Authority(host: host, port: port)
            NameLookup.addresses(of: authority, within: timeout, on: loop).assumeIsolated().whenComplete { result in
                switch result {
                case .success(let addresses): self.connect(authority, addresses)
                case .failure: self.end(.bad("the name of \(self.name) is not known"))
                }
            }
        case .unix(let path):
            finish(bootstrap.connect(unixDomainSocketPath: path))
        }
        return outcome.futureResult
    }

    private func connect(_ authority: Authority, _ addresses: [SocketAddress]) {
        guard !isOver else { return }
        finish(
            bootstrap
                .resolver(KnownAddresses(addresses: addresses, eventLoop: loop))
                .connect(host: authority.host, port: Int(authority.port))
        )
    }

    private var bootstrap: ClientBootstrap {
        let probe = NIOLoopBound(self, eventLoop: loop)
        return ClientBootstrap(group: loop).connectTimeout(TimeAmount(timeout)).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture { try probe.value.setUp(channel) }
        }
    }

    private func setUp(_ channel: any Channel) throws {
        guard !isOver else { throw CancellationError() }
        channels.append(channel)
        guard let url else { return }
        try channel.pipeline.syncOperations.addHTTPClientHandlers()
        try channel.pipeline.syncOperations.addHandler(
            ProbeRequestHandler(url) { result in self.end(result) }
        )
    }

    private func finish(_ connecting: EventLoopFuture<any Channel>) {
        connecting.assumeIsolated().whenComplete { result in
            switch result {
            case .success where self.url == nil: self.end(.good)
            case .success: break
            case .failure(let error): self.end(.bad("\(self.name) does not accept connections: \(Self.reason(error))"))
            }
        }
    }

    /// Delivers the result when the channels are closed.
    private func end(_ result: ProbeResult) {
        guard !isOver else { return }
        isOver = true
        timer?.cancel()
        let closed = channels.map { channel in
            channel.close().flatMapError { _ in channel.closeFuture }
        }
        EventLoopFuture.andAllComplete(closed, on: loop).assumeIsolated().whenComplete { _ in
            self.outcome.succeed(result)
        }
    }

    private var name: String {
        (url.map(Probe.http) ?? .tcp(destination)).description
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError: error.connectionErrors.last.map { reason($0.error) } ?? "no address"
        case ChannelError.connectTimeout: "no answer"
        case let error as IOError: String(cString: strerror(error.errnoCode))
        default: "\(error)"
        }
    }
}
