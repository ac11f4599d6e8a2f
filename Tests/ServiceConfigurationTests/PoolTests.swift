import ServiceConfiguration
import Testing

@Suite(.timeLimit(.minutes(1)))
struct PoolTests {
    private func pool(_ keys: String) throws -> PoolSettings {
        let text = """
            pools: {p: {\(keys)}}
            services: {b: {type: proxy-bridge, listen: 127.0.0.1:1, upstream: {pool: p}}}
            """
        guard case .proxyBridge(let bridge) = try Reading.only(text).kind, case .pool(let pool) = bridge.upstream else {
            throw Reading.Rejected()
        }
        return pool
    }

    @Test
    func `a bridge of a pool has all its members`() throws {
        let pool = try pool(
            """
            members: [
                {url: "http://a.example:1", username: "${env:PROXY_USER}", password: "${env:PROXY_PASSWORD}"},
                {url: "http://b.example:2"},
              ]
            """
        )
        let credential = Credential(username: Secret("alice"), password: Secret(Reading.canary))
        #expect(
            pool.members == [
                UpstreamProxy(id: "p[0]", host: "a.example", port: 1, credential: credential),
                UpstreamProxy(id: "p[1]", host: "b.example", port: 2, credential: nil),
            ]
        )
        #expect(pool.name == "p")
        #expect(pool.allocation == .exclusive)
        // Where the bridge asks for it: that is where a pool without a free member is reported.
        #expect(pool.position.position == SourcePosition(file: "etc/services.yaml", line: 5, column: 67))
        #expect(!String(reflecting: pool).contains(Reading.canary))
    }

    @Test(arguments: [("exclusive", 1), ("shared", 0), ("round-robin", 0)])
    func `only a member of an exclusive pool is one of its kind`(word: String, diagnostics: Int) {
        let text = """
            pools: {p: {allocation: \(word), members: [{url: "http://h:1"}, {url: "http://h:1"}]}}
            services: {e: {type: echo, listen: 127.0.0.1:1}}
            """
        #expect(Reading.diagnostics(text).count == diagnostics)
    }

    @Test(arguments: [
        ("exclusive", PoolSettings.Allocation.exclusive), ("shared", .shared), ("round-robin", .roundRobin),
    ])
    func `a pool has its allocation`(word: String, allocation: PoolSettings.Allocation) throws {
        #expect(try pool("allocation: \(word), members: [{url: 'http://h:1'}]").allocation == allocation)
    }
}
