import NIOCore
import ServiceConfiguration
import Testing

@testable import Services

@Suite(.timeLimit(.minutes(1)))
struct SOCKSClientReaderTests {
    /// What became of a client's bytes.
    private enum Outcome: Equatable {
        case asks(Authority, said: [UInt8], left: Int)
        case waits(said: [UInt8])
        case refused(BridgeFailure, said: [UInt8])
    }

    private static let alice = ClientAuthentication(Credential(username: Secret("al"), password: Secret("pw")))

    private func run(_ pieces: [[UInt8]], _ authentication: ClientAuthentication?) -> Outcome {
        var reader = SOCKSClientReader(authentication)
        var input = ByteBuffer()
        var said: [UInt8] = []
        for piece in pieces {
            input.writeBytes(piece)
            do throws(BridgeFailure) {
                reading: while true {
                    switch try reader.read(&input) {
                    case .waits: break reading
                    case .says(let bytes): said += bytes
                    case .asks(let target):
                        return .asks(target, said: said, left: input.readableBytes)
                    }
                }
            } catch {
                return .refused(error, said: said)
            }
        }
        return .waits(said: said)
    }

    private static let open: [UInt8] = [5, 1, 0]
    private static let offersBoth: [UInt8] = [5, 2, 0, 2]
    private static let credential: [UInt8] = [1, 2, 0x61, 0x6c, 2, 0x70, 0x77]
    private static let name: [UInt8] = [5, 1, 0, 3, 6] + Array("a.test".utf8) + [1, 0xbb]

    static let asking: [(client: [UInt8], isGuarded: Bool, target: String, said: [UInt8])] = [
        (open + name, false, "a.test:443", [5, 0]),
        (offersBoth + name, false, "a.test:443", [5, 0]),
        ([5, 1, 2] + credential + name, false, "a.test:443", [5, 2, 1, 0]),
        (offersBoth + credential + name, true, "a.test:443", [5, 2, 1, 0]),
        (open + [5, 1, 0, 1, 192, 0, 2, 1, 0, 80], false, "192.0.2.1:80", [5, 0]),
        (
            open + [5, 1, 0, 4, 0x20, 1, 0xd, 0xb8] + Array(repeating: 0, count: 11) + [1, 0, 80], false,
            "[2001:db8::1]:80", [5, 0]
        ),
        (open + [5, 1, 0, 3, 3] + Array("::1".utf8) + [0, 80], false, "[::1]:80", [5, 0]),
    ]

    @Test(arguments: asking.indices)
    func `a client asks for a tunnel, whatever it offers and however its bytes are split`(_ index: Int) {
        let row = Self.asking[index]
        let authentication = row.isGuarded ? Self.alice : nil
        for split in 0..<row.client.count {
            let pieces = [Array(row.client[..<split]), Array(row.client[split...]) + [1, 2, 3]]
            guard case .asks(let target, let said, let left) = run(pieces, authentication) else {
                Issue.record("asks nothing when split at \(split)")
                return
            }
            #expect(target.description == row.target && said == row.said && left == 3)
        }
        #expect(run(row.client.map { [$0] }.dropLast(), authentication) == .waits(said: row.said))
    }

    static let refused: [(client: [UInt8], isGuarded: Bool, why: BridgeFailure, said: [UInt8])] = [
        ([5, 0], false, .request(.socksMethods), []), ([5, 1, 1], false, .request(.socksMethods), []),
        (open, true, .request(.socksMethods), []), ([5, 2, 0, 1], true, .request(.socksMethods), []),
        (offersBoth + [1, 2, 0x61, 0x6c, 2, 0x70, 0x78], true, .clientAuthentication, [5, 2]),
        (offersBoth + [1, 0, 0], true, .clientAuthentication, [5, 2]),
        (offersBoth + [5, 1], true, .clientAuthentication, [5, 2]),
        (open + [5, 2, 0, 1], false, .request(.socksCommand), [5, 0]),
        (open + [5, 3, 0, 1], false, .request(.socksCommand), [5, 0]),
        (open + [5, 1, 0, 2], false, .request(.socksAddressType), [5, 0]),
        (open + [4, 1, 0, 1], false, .request(.socksMessage), [5, 0]),
        (open + [5, 1, 0, 1, 192, 0, 2, 1, 0, 0], false, .request(.malformedTarget), [5, 0]),
        (open + [5, 1, 0, 3, 0, 0, 80], false, .request(.malformedTarget), [5, 0]),
        (open + [5, 1, 0, 3, 3, 0x61, 0x00, 0x62, 0, 80], false, .request(.malformedTarget), [5, 0]),
        (open + [5, 1, 0, 3, 3, 0x61, 0x0a, 0x62, 0, 80], false, .request(.malformedTarget), [5, 0]),
        (open + [5, 1, 0, 3, 3, 0xc3, 0xa4, 0x62, 0, 80], false, .request(.malformedTarget), [5, 0]),
    ]

    @Test(arguments: refused.indices)
    func `what cannot be served is refused in its stage`(_ index: Int) {
        let row = Self.refused[index]
        let authentication = row.isGuarded ? Self.alice : nil
        #expect(run([row.client], authentication) == .refused(row.why, said: row.said))
        #expect(run(row.client.map { [$0] }, authentication) == .refused(row.why, said: row.said))
    }

    static let replies: [(BridgeFailure, start: [UInt8]?)] = [
        (.request(.socksMethods), [5, 0xff]), (.clientAuthentication, [1, 1]),
        (.request(.headTimeout), nil), (.request(.socksCommand), [5, 7]), (.request(.socksAddressType), [5, 8]),
        (.request(.socksMessage), [5, 1]), (.request(.malformedTarget), [5, 1]), (.loop, [5, 2]),
        (.prohibited(.port), [5, 2]), (.unreachable, [5, 3]), (.nameNotResolved, [5, 4]), (.nameTimeout, [5, 4]),
        (.refused, [5, 5]), (.connectTimeout, [5, 6]), (.originTimeout, [5, 4]), (.replyTimeout, [5, 6]),
        (.tunnelRefused(received: 403), [5, 2]), (.tunnelRefused(received: 503), [5, 4]),
        (.tunnelRefused(received: 504), [5, 6]), (.tunnelRefused(received: 500), [5, 1]),
        (.authentication(.status(407)), [5, 1]), (.authenticationLatched(.status(407)), [5, 1]),
        (.terminated, [5, 1]), (.draining, [5, 1]), (.reply(.notHTTP), [5, 1]), (.internal, [5, 1]),
    ]

    @Test(arguments: replies.indices)
    func `each failure has a reply`(_ index: Int) {
        let (failure, start) = Self.replies[index]
        let answer = ClientProtocol.socks5.answer(
            to: failure,
            at: .destination,
            bridge: "b",
            style: .standard,
            toHead: false
        )
        #expect(answer.map { Array($0.prefix(2)) } == start)
        if let answer, answer.count > 2 { #expect(answer.dropFirst(2) == [0, 1, 0, 0, 0, 0, 0, 0]) }
    }
}
