import Glibc
import NIOCore
import NIOPosix
import ServiceConfiguration
import Sockets

/// One attempt to connect to the next hop: name, addresses, connection; it can be cancelled at any time.
final class Dial {
    private let authority: Authority
    private let policy: DestinationPolicy?
    private let timeouts: BridgeTimeouts
    private let adopt: (any Channel) -> Void
    private let eventLoop: any EventLoop
    private let outcome: EventLoopPromise<UpstreamLink>
    /// The attempts that happy eyeballs has under way.
    private var channels: [any Channel] = []
    private var isOver = false
    /// The name has not been resolved yet.
    private(set) var isLookingUp = true

    /// `policy` chooses among the addresses; `adopt` is called with every channel before it connects.
    init(
        to authority: Authority,
        under policy: DestinationPolicy?,
        timeouts: BridgeTimeouts,
        adopt: @escaping (any Channel) -> Void,
        on eventLoop: any EventLoop
    ) {
        self.authority = authority
        self.policy = policy
        self.timeouts = timeouts
        self.adopt = adopt
        self.eventLoop = eventLoop
        outcome = eventLoop.makePromise()
    }

    /// Calls `completed` once, unless the dial is cancelled first.
    func start(_ completed: @escaping (Result<UpstreamLink, BridgeFailure>) -> Void) {
        outcome.futureResult.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let link): completed(.success(link))
            case .failure(let error as BridgeFailure): completed(.failure(error))
            case .failure(is CancellationError): break
            case .failure(let error): completed(.failure(Dial.failure(error)))
            }
        }
        NameLookup.addresses(of: authority, under: policy, within: timeouts.dns, on: eventLoop).assumeIsolated()
            .whenComplete { result in
                switch result {
                case .success(let addresses): self.connect(addresses)
                case .failure(let error): self.end(.failure(error))
                }
            }
    }

    func cancel() {
        end(.failure(CancellationError()))
    }

    private func connect(_ addresses: [SocketAddress]) {
        guard !isOver else { return }
        isLookingUp = false
        let dial = NIOLoopBound(self, eventLoop: eventLoop)
        ClientBootstrap(group: eventLoop)
            .resolver(KnownAddresses(addresses: addresses, eventLoop: eventLoop))
            .connectTimeout(TimeAmount(timeouts.connect))
            .channelOption(.autoRead, value: false)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try dial.value.setUp(channel) }
            }
            .connect(host: authority.host, port: Int(authority.port))
            .assumeIsolated()
            .whenComplete { result in self.end(result.flatMap { channel in Result { try self.take(channel) } }) }
    }

    private func setUp(_ channel: any Channel) throws {
        adopt(channel)
        guard !isOver else { throw CancellationError() }
        channels.append(channel)
        try channel.prepareForRelay()
        for option in StreamOptions.all { try channel.syncOptions?.setOption(option.0, value: option.1) }
        try UpstreamLink(channel).install()
    }

    private func take(_ channel: any Channel) throws -> UpstreamLink {
        channels.removeAll { $0 === channel }
        guard !isOver else {
            channel.close(promise: nil)
            throw CancellationError()
        }
        return try UpstreamHandler.link(of: channel)
    }

    private func end(_ result: Result<UpstreamLink, any Error>) {
        guard !isOver else { return }
        isOver = true
        for channel in channels { channel.close(promise: nil) }
        channels = []
        outcome.assumeIsolated().completeWith(result)
    }

    // MARK: - Errors

    /// The row of the failure table for what NIO says about a connect.
    static func failure(_ error: any Error) -> BridgeFailure {
        switch error {
        case let error as BridgeFailure: error
        case let error as NIOConnectionError:
            // Several addresses: what the last one met is as good a reason as any.
            error.connectionErrors.last.map { failure($0.error) } ?? .nameNotResolved
        case ChannelError.connectTimeout: .connectTimeout
        case let error as IOError: failure(errno: error.errnoCode)
        default: .terminated
        }
    }

    private static func failure(errno code: Int32) -> BridgeFailure {
        switch code {
        case ECONNREFUSED: .refused
        case ENETUNREACH, EHOSTUNREACH, ENETDOWN, EHOSTDOWN, EADDRNOTAVAIL, EACCES, EPERM, EAFNOSUPPORT, EINVAL:
            .unreachable
        case ETIMEDOUT: .connectTimeout
        case EMFILE, ENFILE, ENOBUFS, ENOMEM: .exhausted
        default: .terminated
        }
    }
}
