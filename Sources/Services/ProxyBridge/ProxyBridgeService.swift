import Addresses
import Logging
import NIOCore
package import ServiceConfiguration
package import Sockets
package import Supervision
import Synchronization

/// An HTTP proxy that sends everything through one upstream, with the upstream's credential.
package final class ProxyBridgeService: ConfigurableService {
    private struct State {
        var specification: ServiceSpecification
        var generation: UInt64
        /// A life has run: the next one takes another member of its pool.
        var hasRun = false
        /// The tasks of the present life, as far as it has a member of a pool.
        var tasks: TaskPool?
        /// A task of this life looks after the pool.
        var isChecking = false

        var bridge: BridgeSettings {
            guard case .proxyBridge(let bridge) = specification.kind else {
                preconditionFailure("a proxy bridge was given the settings of another kind")
            }
            return bridge
        }
    }

    private let name: String
    private let routes = BridgeRoutes()
    private let counting = BridgeCounting()
    private let pools: UpstreamPools
    private let refused: RefusedCredentials
    private let contexts: TLSContexts
    private let group: any EventLoopGroup
    private let clock: any Clock<Duration>
    private let log: Logger
    private let stream: StreamService<ProxyBridgeHandling>
    private let state: Mutex<State>

    /// - Parameters:
    ///   - specification: The first settings; of the kind proxy bridge.
    ///   - generation: The number of the configuration that they come from.
    ///   - group: The event loops over which connections are spread.
    ///   - listeners: Owns the listening sockets.
    ///   - pools: Allocates the members of pools.
    ///   - refused: Knows which credentials must not be shown now.
    ///   - contexts: Have what TLS to upstreams needs.
    ///   - trails: Knows through which bridges of this process a client comes.
    ///   - clock: Measures the silence of event loops and the time between two checks of a pool.
    ///   - log: Carries the service's name.
    ///   - stopped: Hears the balance of each life.
    init(
        _ specification: ServiceSpecification,
        generation: UInt64,
        group: any EventLoopGroup,
        listeners: ListenerTable,
        pools: UpstreamPools,
        refused: RefusedCredentials,
        contexts: TLSContexts,
        trails: Trails,
        clock: any Clock<Duration> = ContinuousClock(),
        log: Logger,
        stopped: @escaping @Sendable (ServiceLedger) -> Void = { _ in }
    ) {
        name = specification.name
        self.pools = pools
        self.refused = refused
        self.contexts = contexts
        self.group = group
        self.clock = clock
        self.log = log
        let handling = ProxyBridgeHandling(
            name: specification.name,
            routes: routes,
            pools: pools,
            refused: refused,
            counting: counting,
            contexts: contexts,
            trails: trails,
            log: log
        )
        stream = StreamService(
            specification,
            handling: handling,
            group: group,
            listeners: listeners,
            clock: clock,
            log: log,
            stopped: stopped
        )
        state = Mutex(State(specification: specification, generation: generation))
    }

    package func prepare() async throws -> PreparedService {
        let state = state.withLock { $0 }
        warnOfOpenness(state)
        guard case .pool(let pool) = state.bridge.upstream else {
            publishRoute()
            let prepared = try await stream.prepare()
            warnOfTrust()
            return prepared
        }
        guard let lease = pools.lease(name, generation: state.generation, anew: state.hasRun) else {
            throw PreparationError(
                at: state.specification.position.position,
                "cannot use the pool `\(pool.name)`: no member is allocated to `\(name)`; reload the configuration"
            )
        }
        publishRoute()
        let prepared: PreparedService
        do {
            prepared = try await stream.prepare()
        } catch {
            lease.release()
            throw error
        }
        return PreparedService(PooledPreparation(prepared, lease: lease) { [self] in beginLife($0) })
    }

    /// The next request uses the new upstream and credential, on whatever connection it comes.
    ///
    /// What becomes of open tunnels of another way is for the settings to say.
    package func apply(_ specification: ServiceSpecification, generation: UInt64) {
        let old = routes.latest
        let oldPool = poolName
        state.withLock { state in
            state.specification = specification
            state.generation = generation
        }
        publishRoute()
        // A member is called by its place in a list: with another place it is still the same one.
        if !isSameWay(old, routes.latest) || oldPool != poolName { logAllocation() }
        if old?.upstream != routes.latest?.upstream { warnOfTrust() }
        stream.apply(specification, generation: generation)
        lookAfterPool()
    }

    /// A probe has shown that the upstream takes the credential, and has told the book: what else it met is over, too.
    package func credentialAccepted() {
        guard let present = routes.latest else { return }
        routes.recordSuccess(of: present)
        pools.clear(name, on: present.upstream)
    }

    package var table: ConnectionTable? { stream.table }

    package var totals: ConnectionTotals? { stream.totals }

    package var details: ServiceDetails {
        let route = routes.latest
        var details = ServiceDetails(upstream: route?.upstreamID)
        details.upstreamTrouble = route.flatMap { refused.trouble(of: $0.upstream) } ?? routes.trouble
        details.counters = counting.snapshot
        return details
    }

    /// Moves the bridge to another free member of its pool at once; `on_swap` says what becomes of its open tunnels.
    package func rotate() -> Rotation {
        guard poolName != nil else { return .notPooled }
        switch pools.rotate(name) {
        case .busy: return .busy
        case .nothingFree: return .nothingFree
        case .moved:
            publishRoute()
            logAllocation()
            return .moved(to: routes.latest?.upstreamID ?? "")
        }
    }

    /// Makes the present settings and the present member the route, and tells whoever goes another way.
    ///
    /// Under the lock, so that the latest ones win.
    private func publishRoute() {
        let swap = state.withLock { state -> RouteSwap? in
            guard let route = route(of: state) else { return nil }
            let idle = state.specification.idleTimeout
            let snapshot = RouteSnapshot(
                state.bridge,
                via: route,
                idle: idle,
                generation: state.generation,
                contexts: contexts
            )
            return routes.publish(snapshot) ? RouteSwap(to: snapshot) : nil
        }
        if let swap { stream.tell(swap) }
    }

    /// Nil when nothing is allocated to the service: it goes on as before, and cannot be prepared.
    private func route(of state: State) -> UpstreamRoute? {
        switch state.bridge.upstream {
        case .direct: .direct
        case .proxy(let upstream): .proxy(upstream)
        case .pool: pools.upstream(of: name, generation: state.generation).map { .proxy($0) }
        }
    }

    /// At each start: who wrote it may have forgotten it.
    private func warnOfOpenness(_ state: State) {
        guard state.bridge.allowOpen, state.bridge.auth == nil else { return }
        for address in state.specification.listen where !address.value.isLocal {
            log.warning(
                "cannot tell clients apart: allow_open lets everybody use the bridge; set `auth`",
                metadata: ["address": "\(address.value)"]
            )
        }
    }

    private func warnOfTrust() {
        guard case .proxy(let upstream)? = routes.latest?.upstream, upstream.tls?.verifies == false else { return }
        log.warning(
            "cannot tell whether the upstream is the right one: remove `insecure_skip_verify`",
            metadata: ["upstream": "\(upstream.id)"]
        )
    }

    private func beginLife(_ tasks: TaskPool) {
        state.withLock { state in
            state.hasRun = true
            state.tasks = tasks
            state.isChecking = false
        }
        logAllocation()
        warnOfTrust()
        lookAfterPool()
    }

    /// Starts the task that asks the members of the pool from time to time, if there is to be one and is none.
    private func lookAfterPool() {
        let tasks = state.withLock { state -> TaskPool? in
            guard case .pool(let pool) = state.bridge.upstream, pool.check != nil, !state.isChecking else { return nil }
            state.isChecking = state.tasks != nil
            return state.tasks
        }
        guard let tasks else { return }
        do {
            _ = try tasks.submit("pool check") { [self] in try await checkPool(in: tasks) }
        } catch {
            // The life has ended; the next one starts its own.
        }
    }

    /// Ends with the life, or when the pool is not to be looked after any more.
    private func checkPool(in tasks: TaskPool) async throws {
        while true {
            switch pools.nextCheck(for: name, holdingBack: refused.rests()) {
            case .none: return state.withLock { $0.isChecking = false }
            case .wait(let time): try await clock.sleep(for: time)
            case .ask(let holding, let matter):
                let answer = await ProbeAttempt.answer(
                    to: matter,
                    insisting: false,
                    in: tasks,
                    contexts: contexts,
                    refused: refused,
                    on: group.next()
                )
                pools.record(answer, of: holding, matter)
                if answer == .accepted, let present = routes.latest, present.upstream.isSameWay(as: matter.upstream) {
                    routes.recordSuccess(of: present)
                }
            }
        }
    }

    private func isSameWay(_ old: RouteSnapshot?, _ new: RouteSnapshot?) -> Bool {
        guard let old, let new else { return old == nil && new == nil }
        return old.upstream.isSameWay(as: new.upstream)
    }

    /// Nil for an upstream that is of no pool.
    private var poolName: String? {
        state.withLock { state in
            if case .pool(let pool) = state.bridge.upstream { pool.name } else { nil }
        }
    }

    private func logAllocation() {
        if poolName != nil, let member = routes.latest?.upstreamID { log.notice("allocated \(member)") }
    }
}
