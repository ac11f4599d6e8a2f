import NIOCore
import ServiceConfiguration
import Synchronization
import Testing

@testable import Services

@Suite(.timeLimit(.minutes(1)))
struct PoolHealthTests {
    private static let position = SourcePosition(file: "services.yaml", line: 3, column: 5)

    private static func pool(
        _ allocation: PoolSettings.Allocation,
        _ hosts: [String],
        limit: Int? = nil,
        cooldown: Duration = .zero,
        password: String = "p"
    ) -> PoolSettings {
        let members = hosts.enumerated().map { index, host in
            let credential = Credential(username: Secret("user"), password: Secret(password))
            return UpstreamProxy(id: "p[\(index)]", host: host, port: 3128, credential: credential)
        }
        var pool = PoolSettings(name: "p", at: position, allocation: allocation, members: members)
        pool.limit = limit
        pool.cooldown = cooldown
        return pool
    }

    private static func wants(_ count: Int, _ pool: PoolSettings) -> [PoolWant] {
        (0..<count).map { PoolWant(service: "bridge@\($0)", pool: pool) }
    }

    private final class Time: Sendable {
        private let now = Mutex(ContinuousClock.now)

        var value: ContinuousClock.Instant { now.withLock { $0 } }

        func pass(_ duration: Duration) { now.withLock { $0 += duration } }
    }

    private func pools(_ wants: [PoolWant], _ time: Time = Time()) -> UpstreamPools {
        let pools = UpstreamPools { time.value }
        commit(wants, in: pools, generation: 1)
        return pools
    }

    private func commit(_ wants: [PoolWant], in pools: UpstreamPools, generation: UInt64) {
        switch pools.stage(wants, generation: generation) {
        case .staged(let staged): staged.commit()
        case .failed(let failures): Issue.record("\(failures)")
        }
    }

    private func upstream(_ pools: UpstreamPools, _ service: String = "bridge@0") throws -> UpstreamProxy {
        try #require(pools.upstream(of: service, generation: 9))
    }

    @Test func `a member is shared by as many bridges as the limit allows`() {
        let pool = Self.pool(.shared, ["a", "b"], limit: 2)
        let (allocation, failures) = PoolAllocation().serving(Self.wants(5, pool)) { _ in false }
        let hosts = (0..<4).compactMap { allocation.upstream(of: "bridge@\($0)")?.host }
        #expect(hosts.count { $0 == "a" } == 2 && hosts.count { $0 == "b" } == 2)
        #expect(failures.map(\.service) == ["bridge@4"])
        #expect("\(failures)".contains("all 4 places are taken"))
        #expect("\(failures)".contains("raise `limit`"))
        // A limit that is lowered later moves those that are too many.
        let lowered = Self.wants(2, Self.pool(.shared, ["a", "b"], limit: 1))
        let (next, _) = allocation.serving(lowered) { _ in true }
        #expect(Set(lowered.compactMap { next.upstream(of: $0.service)?.host }) == ["a", "b"])
    }

    @Test(arguments: PoolSettings.Allocation.allCases)
    func `a failed member comes last at the next start, and nobody moves before`(
        kind: PoolSettings.Allocation
    ) throws {
        let pools = pools(Self.wants(1, Self.pool(kind, ["a", "b", "c"])))
        let held = try upstream(pools)
        pools.mark("bridge@0", on: .proxy(held), "connection_refused")
        #expect(try upstream(pools) == held)
        for _ in 0..<4 {
            #expect(pools.rotate("bridge@0") == .moved)
            #expect(try upstream(pools) != held)
        }
        // It has worked again.
        pools.clear("bridge@0", on: .proxy(held))
        var seen: Set<String> = []
        for _ in 0..<3 where pools.rotate("bridge@0") == .moved { seen.insert(try upstream(pools).host) }
        #expect(seen == ["a", "b", "c"])
    }

    @Test func `a mark is forgotten with the credential, and after a while`() throws {
        let time = Time()
        let pools = pools(Self.wants(1, Self.pool(.exclusive, ["a", "b"])), time)
        let held = try upstream(pools)
        pools.mark("bridge@0", on: .proxy(held), "proxy_configuration_error")
        #expect(pools.rotate("bridge@0") == .moved)
        time.pass(PoolHealth.memory)
        #expect(pools.rotate("bridge@0") == .moved)
        #expect(try upstream(pools) == held)
        pools.mark("bridge@0", on: .proxy(held), "proxy_configuration_error")
        commit(Self.wants(1, Self.pool(.exclusive, ["a", "b"], password: "new")), in: pools, generation: 2)
        #expect(pools.rotate("bridge@0") == .moved && pools.rotate("bridge@0") == .moved)
        #expect(try upstream(pools).host == held.host)
    }

    @Test func `a member that was given up rests, unless nothing else is free`() throws {
        let time = Time()
        let pool = Self.pool(.exclusive, ["a", "b"], cooldown: .seconds(60))
        let pools = pools(Self.wants(1, pool), time)
        let first = try upstream(pools)
        commit([], in: pools, generation: 2)
        commit(Self.wants(1, pool), in: pools, generation: 3)
        #expect(try upstream(pools) != first)
        time.pass(.seconds(61))
        commit([], in: pools, generation: 4)
        commit(Self.wants(1, pool), in: pools, generation: 5)
        #expect(try upstream(pools) == first)
        commit([], in: pools, generation: 6)
        commit(Self.wants(2, pool), in: pools, generation: 7)
    }

    @Test func `a request whose upstream cannot be reached may use another member, but never of an exclusive pool`()
        throws
    {
        for kind in PoolSettings.Allocation.allCases {
            let pools = pools(Self.wants(1, Self.pool(kind, ["a", "b"])))
            let held = try upstream(pools)
            let other = pools.alternative(to: "bridge@0")
            #expect(kind == .exclusive ? other == nil : other != nil && other != held)
            #expect(try upstream(pools) == held)
            guard let other else { continue }
            pools.mark("bridge@0", on: .proxy(other), "connection_refused")
            #expect(pools.alternative(to: "bridge@0") == nil)
        }
    }

    @Test func `each member is asked once in its interval, whoever asks, and works or comes last`() throws {
        let time = Time()
        var pool = Self.pool(.exclusive, ["a", "b"])
        pool.check = PoolCheck()
        let pools = pools(Self.wants(2, pool), time)
        var asked: [PoolAllocation.Holding: Int] = [:]
        let end = time.value + .seconds(600)
        while time.value < end {
            var waits: [Duration] = []
            for service in ["bridge@0", "bridge@1"] {
                switch pools.nextCheck(for: service) {
                case .ask(let holding, let matter):
                    asked[holding, default: 0] += 1
                    #expect(matter.mode == .auth && matter.timeout == .seconds(5))
                    pools.record(.unreachable("connection_refused"), of: holding, matter)
                case .wait(let duration): waits.append(duration)
                case .none: Issue.record("nobody looks after the pool")
                }
            }
            if waits.count == 2 { time.pass(max(.milliseconds(1), waits[1])) }
        }
        #expect(asked.count == 2 && asked.values.allSatisfy { (9...12).contains($0) }, "\(asked.values)")
        commit(Self.wants(1, Self.pool(.exclusive, ["a", "b"])), in: pools, generation: 2)
        if case .none = pools.nextCheck(for: "bridge@0") { return }
        Issue.record("still asked")
    }

    @Test func `a bridge stays where nothing else is free, and while a load counts on what it holds`() throws {
        let wants = Self.wants(2, Self.pool(.exclusive, ["a", "b"]))
        let pools = pools(wants)
        #expect(pools.rotate("bridge@0") == .nothingFree)
        guard case .staged(let staged) = pools.stage(Self.wants(1, wants[0].pool), generation: 2) else { return }
        #expect(pools.rotate("bridge@0") == .busy)
        staged.rollBack()
    }

    @Test func `a credential that was refused is asked about ever more seldom, until the member works`() throws {
        let (time, clock) = (Time(), RefusalClock())
        var pool = Self.pool(.exclusive, ["a"])
        pool.check = PoolCheck()
        pool.check?.interval = .seconds(1)
        let pools = pools(Self.wants(1, pool), time)
        let refused = RefusedCredentials { clock.now }
        var asked = 0
        for _ in 0..<600 {
            if case .ask(let holding, let matter) = pools.nextCheck(for: "bridge@0", holdingBack: refused.rests()) {
                asked += 1
                refused.record(.status(407), of: matter.upstream)
                pools.record(.rejected("no"), of: holding, matter)
            }
            time.pass(.seconds(1))
            clock.pass(.seconds(1))
        }
        #expect(asked == 5)
        guard case .wait(let wait) = pools.nextCheck(for: "bridge@0", holdingBack: refused.rests()) else {
            Issue.record("asked in the pause")
            return
        }
        #expect(wait <= .seconds(1.1))
        refused.recordSuccess(of: .proxy(try upstream(pools)))
        guard case .ask = pools.nextCheck(for: "bridge@0", holdingBack: refused.rests()) else {
            Issue.record("not asked")
            return
        }
    }

    @Test(arguments: [PoolSettings.Allocation.shared, .roundRobin])
    func `while a member cannot be reached requests go around it, but for one in each interval`(
        kind: PoolSettings.Allocation
    ) throws {
        let time = Time()
        let pools = pools(Self.wants(2, Self.pool(kind, ["a", "b"])), time)
        let held = try upstream(pools)
        func detour() -> String? { pools.detour(around: .proxy(held), of: "bridge@0")?.host }
        let other = held.host == "a" ? "b" : "a"
        #expect(detour() == nil)
        pools.mark("bridge@0", on: .proxy(held), "connection_timeout")
        time.pass(PoolHealth.trial - .milliseconds(1))
        #expect(detour() == other)
        time.pass(.milliseconds(1))
        #expect(detour() == nil, "one tries")
        #expect(detour() == other)
        time.pass(PoolHealth.trial)
        pools.mark("bridge@0", on: .proxy(held), "connection_timeout")
        #expect(detour() == other)
        #expect(try upstream(pools) == held, "the lease stays")
        // Nobody else is fine.
        let spare = try #require(pools.alternative(to: "bridge@0"))
        pools.mark("bridge@0", on: .proxy(spare), "connection_refused")
        #expect(detour() == nil)
        pools.clear("bridge@0", on: .proxy(spare))
        #expect(detour() == other)
        pools.clear("bridge@0", on: .proxy(held))
        #expect(detour() == nil)
    }

    @Test(arguments: [("connection_timeout", true), (FailureAttribution.upstreamAuth.rawValue, false)])
    func `a connection that comes about shows that the member is not down, and no more`(
        word: String,
        isMended: Bool
    ) throws {
        let pools = pools(Self.wants(1, Self.pool(.shared, ["a", "b"])))
        let held = try upstream(pools)
        pools.mark("bridge@0", on: .proxy(held), word)
        pools.reach("bridge@0", on: .proxy(held))
        #expect(pools.rotate("bridge@0") == .moved)
        #expect(pools.rotate("bridge@0") == (isMended ? .moved : .nothingFree))
    }

    @Test func `where a check looks after the members no request has to try one that is down`() throws {
        let time = Time()
        var pool = Self.pool(.shared, ["a", "b"])
        pool.check = PoolCheck()
        let pools = pools(Self.wants(1, pool), time)
        let held = try upstream(pools)
        pools.mark("bridge@0", on: .proxy(held), "connection_timeout")
        time.pass(PoolHealth.trial)
        #expect(pools.detour(around: .proxy(held), of: "bridge@0") != nil)
        time.pass(PoolHealth.memory)
        #expect(pools.detour(around: .proxy(held), of: "bridge@0") == nil)
    }

    @Test(arguments: [
        (PoolSettings.Allocation.exclusive, "connection_timeout"), (.shared, FailureAttribution.upstreamAuth.rawValue),
    ])
    func `nobody goes around a member of an exclusive pool, or one that refuses its credential`(
        kind: PoolSettings.Allocation,
        word: String
    ) throws {
        let pools = pools(Self.wants(1, Self.pool(kind, ["a", "b"])))
        let held = try upstream(pools)
        pools.mark("bridge@0", on: .proxy(held), word)
        #expect(pools.detour(around: .proxy(held), of: "bridge@0") == nil)
    }
}
