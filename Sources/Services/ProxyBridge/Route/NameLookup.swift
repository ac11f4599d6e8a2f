import Glibc
import NIOCore
import NIOPosix

/// Finds the addresses of a host, without blocking an event loop.
enum NameLookup {
    /// Finds the addresses of a host; may block.
    typealias Resolver = @Sendable (Authority) throws -> [SocketAddress]

    /// Looks a host up once, for somebody who may not go everywhere: what is admitted is what is connected to.
    ///
    /// - Returns: The addresses that `policy` admits, nil for all; fails with a `BridgeFailure`.
    static func addresses(
        of authority: Authority,
        under policy: DestinationPolicy?,
        within limit: Duration,
        on eventLoop: any EventLoop
    ) -> EventLoopFuture<[SocketAddress]> {
        let threads = policy == nil ? LookupThreads.configured : LookupThreads.asked
        return addresses(of: authority, within: limit, on: eventLoop, threads: threads).flatMapThrowing { addresses in
            guard let policy else { return addresses }
            do throws(PolicyDenial) {
                return try policy.admitted(addresses, of: authority)
            } catch {
                throw BridgeFailure.prohibited(error)
            }
        }
    }

    /// - Returns: All addresses in the resolver's order; fails with a `BridgeFailure`. A literal is not looked up.
    static func addresses(
        of authority: Authority,
        within limit: Duration,
        on eventLoop: any EventLoop,
        threads: NIOThreadPool = LookupThreads.configured,
        by resolver: @escaping Resolver = resolve
    ) -> EventLoopFuture<[SocketAddress]> {
        do {
            let literal = try SocketAddress(ipAddress: authority.host, port: Int(authority.port))
            return eventLoop.makeSucceededFuture([literal])
        } catch {
            return lookUp(authority, within: limit, on: eventLoop, threads: threads, by: resolver)
        }
    }

    private static func lookUp(
        _ authority: Authority,
        within limit: Duration,
        on eventLoop: any EventLoop,
        threads: NIOThreadPool,
        by resolver: @escaping Resolver
    ) -> EventLoopFuture<[SocketAddress]> {
        let answer = eventLoop.makePromise(of: [SocketAddress].self)
        let end = NIODeadline.now() + TimeAmount(limit)
        // getaddrinfo cannot be interrupted: after the time is over its answer finds the promise completed.
        let timer = eventLoop.scheduleTask(deadline: end) { answer.fail(BridgeFailure.nameTimeout) }
        let lookup = threads.runIfActive(eventLoop: eventLoop) {
            // One that waited its whole time for a thread is not to take the time of those behind it.
            guard NIODeadline.now() < end else { throw BridgeFailure.nameTimeout }
            return try resolver(authority)
        }
        lookup.whenComplete { result in
            timer.cancel()
            switch result {
            case .success(let addresses) where !addresses.isEmpty: answer.succeed(addresses)
            case .failure(let failure as BridgeFailure): answer.fail(failure)
            case .success, .failure: answer.fail(BridgeFailure.nameNotResolved)
            }
        }
        return answer.futureResult
    }

    /// Asks the system, for as long as that takes.
    @Sendable private static func resolve(_ authority: Authority) throws(BridgeFailure) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_protocol = Int32(IPPROTO_TCP)
        var list: UnsafeMutablePointer<addrinfo>?
        errno = 0
        let code = getaddrinfo(authority.host, "\(authority.port)", &hints, &list)
        guard code == 0 else {
            // Its own code does not tell a resolver that is silent from one that could not be asked.
            let isExhausted = code == EAI_MEMORY || errno == EMFILE || errno == ENFILE
            throw isExhausted ? .exhausted : .nameNotResolved
        }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            if let address = SocketAddress(entry) { addresses.append(address) }
            next = entry.ai_next
        }
        return addresses
    }
}

extension SocketAddress {
    /// nil for a family other than IPv4 and IPv6.
    fileprivate init?(_ entry: addrinfo) {
        guard let pointer = UnsafeRawPointer(entry.ai_addr) else { return nil }
        switch entry.ai_family {
        case AF_INET: self.init(pointer.loadUnaligned(as: sockaddr_in.self))
        case AF_INET6: self.init(pointer.loadUnaligned(as: sockaddr_in6.self))
        default: return nil
        }
    }
}
