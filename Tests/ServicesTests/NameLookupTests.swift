import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import Services

@Suite(.timeLimit(.minutes(1)))
struct NameLookupTests {
    private static let loop = MultiThreadedEventLoopGroup.singleton.any()

    private func lookUp(
        _ host: String,
        within limit: Duration,
        by resolver: @escaping NameLookup.Resolver
    ) async throws -> [SocketAddress] {
        let name = Authority(host: host, port: 443)
        return try await NameLookup.addresses(of: name, within: limit, on: Self.loop, by: resolver).get()
    }

    @Test func `a resolver that takes too long is not waited for`() async throws {
        let answers = BlockingGate()
        defer { answers.open() }
        await #expect(throws: BridgeFailure.nameTimeout) {
            try await lookUp("slow.test", within: .milliseconds(50)) { _ in
                answers.pass()
                return []
            }
        }
    }

    @Test func `a resolver that cannot be asked for lack of descriptors is not a name without addresses`() async {
        await #expect(processExitsWith: .success) {
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            // The threads have what they need before there is no more.
            let known = Authority(host: "localhost", port: 1)
            _ = try await NameLookup.addresses(of: known, within: .seconds(30), on: loop).get()
            try DescriptorLimit.forbidMore()
            let unknown = Authority(host: "a.test", port: 1)
            await #expect(throws: BridgeFailure.exhausted) {
                try await NameLookup.addresses(of: unknown, within: .seconds(30), on: loop).get()
            }
        }
    }

    @Test func `names that clients ask for take no thread from a name of the configuration`() async throws {
        let answers = BlockingGate()
        let asked = (0..<40).map { number in
            NameLookup.addresses(
                of: Authority(host: "slow\(number).test", port: 443),
                within: .seconds(600),
                on: Self.loop,
                threads: LookupThreads.asked
            ) { _ in
                answers.pass()
                throw BridgeFailure.nameNotResolved
            }
        }
        let address = try SocketAddress(ipAddress: "192.0.2.1", port: 443)
        #expect(try await lookUp("office.test", within: .seconds(600)) { _ in [address] } == [address])
        answers.open()
        for lookup in asked {
            await #expect(throws: BridgeFailure.nameNotResolved) { try await lookup.get() }
        }
    }

    @Test func `an answer in time is the answer, and none is a failure of its own`() async throws {
        let address = try SocketAddress(ipAddress: "192.0.2.1", port: 443)
        #expect(try await lookUp("a.test", within: .seconds(600)) { _ in [address] } == [address])
        await #expect(throws: BridgeFailure.nameNotResolved) {
            try await lookUp("a.test", within: .seconds(600)) { _ in [] }
        }
    }

    @Test(arguments: ["127.0.0.1", "::1"])
    func `a literal is no question`(_ host: String) async throws {
        let addresses = try await lookUp(host, within: .milliseconds(1)) { _ in throw BridgeFailure.internal }
        #expect(addresses == [try SocketAddress(ipAddress: host, port: 443)])
    }
}
