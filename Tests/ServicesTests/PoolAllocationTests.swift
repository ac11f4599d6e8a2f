import ServiceConfiguration
import TestSupport
import Testing

@testable import Services

@Suite(.timeLimit(.minutes(1)))
struct PoolAllocationTests {
    private static let position = SourcePosition(file: "services.yaml", line: 3, column: 5)

    private static func pool(
        _ allocation: PoolSettings.Allocation,
        _ hosts: [String],
        name: String = "residential",
        password: String = "p"
    ) -> PoolSettings {
        let members = hosts.enumerated().map { index, host in
            let credential = Credential(username: Secret("user"), password: Secret(password))
            return UpstreamProxy(id: "\(name)[\(index)]", host: host, port: 3128, credential: credential)
        }
        return PoolSettings(name: name, at: position, allocation: allocation, members: members)
    }

    private static func wants(_ count: Int, _ pool: PoolSettings) -> [PoolWant] {
        (0..<count).map { PoolWant(service: "bridge@\($0)", pool: pool) }
    }

    private func allocation(
        _ wants: [PoolWant],
        after last: PoolAllocation = PoolAllocation(),
        alive: Set<String> = []
    ) throws -> PoolAllocation {
        let (next, failures) = last.serving(wants) { alive.contains($0) }
        try #require(failures.isEmpty, "\(failures)")
        return next
    }

    private func hosts(_ allocation: PoolAllocation, _ wants: [PoolWant]) -> [String?] {
        wants.map { allocation.upstream(of: $0.service)?.host }
    }

    @Test func `members of an exclusive pool serve one bridge each`() throws {
        let wants = Self.wants(3, Self.pool(.exclusive, ["a", "b", "c"]))
        let hosts = hosts(try allocation(wants), wants)
        #expect(Set(hosts) == ["a", "b", "c"])
    }

    @Test func `an exhausted pool names everybody who has a member`() {
        let wants = Self.wants(4, Self.pool(.exclusive, ["a", "b", "c"]))
        let (next, failures) = PoolAllocation().serving(wants) { _ in false }
        let holders = (0..<3).map { place in
            let holder = wants.first { next.upstream(of: $0.service)?.id == "residential[\(place)]" }
            return "residential[\(place)] by \(holder?.service ?? "nobody")"
        }
        #expect(
            failures.map(\.description) == [
                "cannot allocate a member of the pool `residential` for `bridge@3`: all 3 are taken "
                    + "(\(holders.joined(separator: ", "))); add members or lower instances"
            ]
        )
    }

    @Test func `everybody whom an exhausted pool does not serve is reported`() {
        let pool = Self.pool(.exclusive, (0..<20).map { "h\($0)" })
        let (_, failures) = PoolAllocation().serving(Self.wants(23, pool)) { _ in false }
        #expect(failures.map(\.service) == ["bridge@20", "bridge@21", "bridge@22"])
        #expect(failures.allSatisfy { $0.holders.count == 20 && $0.description.contains(", 4 more)") })
    }

    @Test(arguments: PoolSettings.Allocation.allCases)
    func `a reload keeps what is held, wherever it moves in the list and whatever its password`(
        kind: PoolSettings.Allocation
    ) throws {
        let wants = Self.wants(3, Self.pool(kind, ["a", "b", "c"]))
        let first = try allocation(wants)
        let changed = Self.wants(3, Self.pool(kind, ["d", "c", "b", "a"], password: "new"))
        let second = try allocation(changed, after: first)
        #expect(hosts(first, wants) == hosts(second, changed))
        for want in changed {
            let upstream = try #require(second.upstream(of: want.service))
            #expect(upstream.credential?.password == Secret("new"))
            #expect(upstream.id == want.pool.members.first { $0.host == upstream.host }?.id)
        }
    }

    @Test func `a member that is gone from the pool is replaced, and nobody else moves`() throws {
        let wants = Self.wants(3, Self.pool(.exclusive, ["a", "b", "c"]))
        let first = try allocation(wants)
        let gone = try #require(first.upstream(of: "bridge@1")?.host)
        let rest = ["a", "b", "c"].filter { $0 != gone } + ["new"]
        let changed = Self.wants(3, Self.pool(.exclusive, rest))
        let second = try allocation(changed, after: first)
        #expect(second.upstream(of: "bridge@1")?.host == "new")
        #expect(second.upstream(of: "bridge@0")?.host == first.upstream(of: "bridge@0")?.host)
        #expect(second.upstream(of: "bridge@2")?.host == first.upstream(of: "bridge@2")?.host)
    }

    @Test func `a pool that becomes exclusive leaves each member to one of its bridges`() throws {
        let shared = Self.wants(3, Self.pool(.shared, ["a"]))
        let first = try allocation(shared)
        let exclusive = Self.wants(3, Self.pool(.exclusive, ["a", "b", "c"]))
        let second = try allocation(exclusive, after: first)
        #expect(second.upstream(of: "bridge@0")?.host == "a")
        #expect(Set(hosts(second, exclusive)) == ["a", "b", "c"])
    }

    @Test func `the first choice of a service is the same in every run and differs between services`() throws {
        let wants = Self.wants(64, Self.pool(.shared, ["a", "b", "c", "d"]))
        let hosts = hosts(try allocation(wants), wants)
        #expect(hosts == self.hosts(try allocation(wants.reversed()), wants))
        // The same bytes for ever: a change of the hash would move every bridge at an upgrade.
        #expect(hosts.prefix(4) == Self.firstChoices)
        for host in ["a", "b", "c", "d"] { #expect(hosts.count { $0 == host } > 6) }
    }

    private static let firstChoices: ArraySlice<String?> = ["a", "b", "a", "b"]

    @Test func `a restart takes another free member, and comes back to the first when all have had their turn`() throws
    {
        let wants = Self.wants(1, Self.pool(.exclusive, ["a", "b", "c"]))
        var allocation = try allocation(wants)
        var seen = hosts(allocation, wants)
        for _ in 0..<3 {
            allocation.renew("bridge@0")
            seen += hosts(allocation, wants)
        }
        #expect(Set(seen.prefix(3)) == ["a", "b", "c"])
        #expect(seen[0] == seen[3])
    }

    @Test func `a restart keeps its member when every other one is taken`() throws {
        let wants = Self.wants(3, Self.pool(.exclusive, ["a", "b", "c"]))
        let before = try allocation(wants)
        var after = before
        after.renew("bridge@1")
        #expect(hosts(before, wants) == hosts(after, wants))
    }

    @Test func `a restart leaves its member to the others`() throws {
        let wants = Self.wants(2, Self.pool(.exclusive, ["a", "b", "c"]))
        var allocation = try allocation(wants)
        let first = hosts(allocation, wants)
        allocation.renew("bridge@0")
        allocation.renew("bridge@1")
        #expect(allocation.upstream(of: "bridge@1")?.host == first[0])
    }

    @Test func `members of a round-robin pool are taken in turn, and a restart takes the next`() throws {
        let wants = Self.wants(4, Self.pool(.roundRobin, ["a", "b", "c"]))
        var allocation = try allocation(wants)
        #expect(hosts(allocation, wants) == ["a", "b", "c", "a"])
        allocation.renew("bridge@1")
        #expect(allocation.upstream(of: "bridge@1")?.host == "c", "not the one that it had")
        allocation.renew("bridge@1")
        #expect(allocation.upstream(of: "bridge@1")?.host == "a")
    }

    @Test func `what a leaving service still uses is taken last`() throws {
        let pool = Self.pool(.exclusive, ["a", "b"])
        let first = try allocation([PoolWant(service: "old", pool: pool)])
        let used = try #require(first.upstream(of: "old")?.host)
        for name in ["x", "y", "z", "w"] {
            let wants = [PoolWant(service: name, pool: pool)]
            let next = try allocation(wants, after: first, alive: ["old"])
            #expect(next.upstream(of: name)?.host != used)
            #expect(next.upstream(of: "old")?.host == used)
        }
        let both = Self.wants(2, pool)
        let full = try allocation(both, after: first, alive: ["old"])
        #expect(Set(hosts(full, both)) == ["a", "b"], "a renamed bridge does not wait for the old one's connections")
        let back = try allocation([PoolWant(service: "old", pool: pool)], after: full, alive: ["old"])
        #expect(back.upstream(of: "old")?.host == used)
    }

    @Test func `what a bridge still uses of the pool that it left is taken last, until that life has ended`() throws {
        let pool = Self.pool(.exclusive, ["a", "b"])
        let first = try allocation([PoolWant(service: "mover", pool: pool)])
        let used = try #require(first.upstream(of: "mover")?.host)
        let moved = PoolWant(service: "mover", pool: Self.pool(.exclusive, ["c"], name: "other"))
        let names = ["x", "y", "z", "w"]
        for name in names {
            let wants = [moved, PoolWant(service: name, pool: pool)]
            let next = try allocation(wants, after: first, alive: ["mover"])
            #expect(next.upstream(of: "mover")?.host == "c")
            #expect(next.upstream(of: name)?.host != used)
        }
        var after = try allocation([moved], after: first, alive: ["mover"])
        after.forget("mover", lives: 2)
        let during = try names.map { name in
            let wants = [moved, PoolWant(service: name, pool: pool)]
            return try allocation(wants, after: after, alive: ["mover"]).upstream(of: name)?.host
        }
        #expect(!during.contains(used))
        after.forget("mover", lives: 1)
        let later = try names.map { name in
            let wants = [moved, PoolWant(service: name, pool: pool)]
            return try allocation(wants, after: after, alive: ["mover"]).upstream(of: name)?.host
        }
        #expect(later.contains(used))
    }

    @Test func `members that are equal count each`() throws {
        let wants = Self.wants(2, Self.pool(.exclusive, ["a", "a"]))
        let allocation = try allocation(wants)
        let ids = wants.map { allocation.upstream(of: $0.service)?.id }
        #expect(Set(ids) == ["residential[0]", "residential[1]"])
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `no order of reloads and restarts gives one member to two`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var allocation = PoolAllocation()
        for _ in 0..<300 {
            let hosts = (0..<Int.random(in: 2...6, using: &random)).map { "h\($0)" }.shuffled(using: &random)
            let wants = Self.wants(Int.random(in: 0...7, using: &random), Self.pool(.exclusive, hosts))
            let (next, failures) = allocation.serving(wants) { _ in Bool.random(using: &random) }
            #expect(failures.count == max(0, wants.count - hosts.count))
            guard failures.isEmpty else { continue }
            allocation = next
            for _ in 0..<10 {
                allocation.renew("bridge@\(Int.random(in: 0..<7, using: &random))")
                let used = self.hosts(allocation, wants)
                #expect(Set(used).count == wants.count, "seed \(seed)")
            }
        }
    }
}
