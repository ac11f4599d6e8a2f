import ServiceConfiguration
import Synchronization
import Testing

@testable import Services

@Suite(.timeLimit(.minutes(1)))
struct PoolStagingTests {
    private static let position = SourcePosition(file: "services.yaml", line: 3, column: 5)

    private static func wants(_ names: [String], _ hosts: [String]) -> [PoolWant] {
        let members = hosts.enumerated().map { index, host in
            UpstreamProxy(id: "p[\(index)]", host: host, port: 3128, credential: nil)
        }
        let pool = PoolSettings(name: "p", at: position, allocation: .exclusive, members: members)
        return names.map { PoolWant(service: $0, pool: pool) }
    }

    private func commit(_ wants: [PoolWant], in pools: UpstreamPools, generation: UInt64) {
        switch pools.stage(wants, generation: generation) {
        case .staged(let staged): staged.commit()
        case .failed(let failures): Issue.record("\(failures)")
        }
    }

    @Test func `only services of the new generation see what is staged`() {
        let pools = UpstreamPools()
        commit(Self.wants(["a"], ["x"]), in: pools, generation: 1)
        guard case .staged(let staged) = pools.stage(Self.wants(["a", "b"], ["y", "z"]), generation: 2) else {
            Issue.record("not staged")
            return
        }
        #expect(pools.upstream(of: "a", generation: 1)?.host == "x")
        #expect(pools.upstream(of: "b", generation: 1) == nil)
        let new = [pools.upstream(of: "a", generation: 2)?.host, pools.upstream(of: "b", generation: 2)?.host]
        #expect(Set(new) == ["y", "z"])
        staged.commit()
        #expect(pools.upstream(of: "a", generation: 1)?.host == new[0])
    }

    @Test func `a roll-back leaves everything as it was`() {
        let pools = UpstreamPools()
        commit(Self.wants(["a"], ["x"]), in: pools, generation: 1)
        guard case .staged(let staged) = pools.stage(Self.wants(["b"], ["y"]), generation: 2) else {
            Issue.record("not staged")
            return
        }
        staged.rollBack()
        #expect(pools.upstream(of: "a", generation: 2)?.host == "x")
        #expect(pools.upstream(of: "b", generation: 2) == nil)
    }

    @Test func `a failed staging changes nothing and can be repeated`() {
        let pools = UpstreamPools()
        commit(Self.wants(["a"], ["x"]), in: pools, generation: 1)
        for _ in 0..<2 {
            guard case .failed(let failures) = pools.stage(Self.wants(["a", "b", "c"], ["x"]), generation: 2) else {
                Issue.record("not failed")
                return
            }
            #expect(failures.map(\.service) == ["b", "c"])
            #expect(failures.allSatisfy { $0.holders == [.init(member: "p[0]", service: "a")] })
        }
        #expect(pools.upstream(of: "a", generation: 1)?.host == "x")
    }

    @Test func `the first life of a generation keeps the member, and a life after it takes another`() throws {
        let pools = UpstreamPools()
        let wants = Self.wants(["a"], ["x", "y"])
        commit(wants, in: pools, generation: 1)
        let first = pools.upstream(of: "a", generation: 1)
        try use(pools, "a", generation: 1, anew: false)
        #expect(pools.upstream(of: "a", generation: 1) == first)
        try use(pools, "a", generation: 1, anew: true)
        let second = pools.upstream(of: "a", generation: 1)
        #expect(second != first)
        commit(wants, in: pools, generation: 2)
        try use(pools, "a", generation: 2, anew: false)
        #expect(pools.upstream(of: "a", generation: 2) == second)
    }

    @Test func `a life that starts while a change is staged keeps the member`() throws {
        let pools = UpstreamPools()
        commit(Self.wants(["a"], ["x", "y"]), in: pools, generation: 1)
        let first = pools.upstream(of: "a", generation: 1)
        guard case .staged(let staged) = pools.stage(Self.wants(["a", "b"], ["x", "y"]), generation: 2) else {
            Issue.record("not staged")
            return
        }
        try use(pools, "a", generation: 1, anew: true)
        #expect(pools.upstream(of: "a", generation: 1) == first)
        staged.commit()
        #expect(pools.upstream(of: "a", generation: 2)?.host == first?.host)
        #expect(pools.upstream(of: "b", generation: 2)?.host != first?.host)
    }

    @Test func `a member is kept from others until the last life of a leaving service has ended`() throws {
        let pools = UpstreamPools()
        commit(Self.wants(["old"], ["x", "y", "z"]), in: pools, generation: 1)
        let used = try #require(pools.upstream(of: "old", generation: 1)?.host)
        guard let one = pools.lease("old", generation: 1, anew: false),
            let two = pools.lease("old", generation: 1, anew: false)
        else {
            Issue.record("not leased")
            return
        }
        for generation in UInt64(2)..<10 {
            commit(Self.wants(["new@\(generation)"], ["x", "y", "z"]), in: pools, generation: generation)
            #expect(pools.upstream(of: "new@\(generation)", generation: generation)?.host != used)
        }
        one.release()
        #expect(pools.upstream(of: "old", generation: 9)?.host == used)
        two.release()
        #expect(pools.upstream(of: "old", generation: 9) == nil)
    }

    @Test func `whoever is not in the configuration gets no lease`() {
        let pools = UpstreamPools()
        if let lease = pools.lease("a", generation: 1, anew: false) {
            lease.release()
            Issue.record("leased")
        }
    }

    private func use(_ pools: UpstreamPools, _ service: String, generation: UInt64, anew: Bool) throws {
        guard let lease = pools.lease(service, generation: generation, anew: anew) else {
            Issue.record("not leased")
            return
        }
        lease.release()
    }
}
