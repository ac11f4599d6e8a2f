import Addresses
import NIOCore
import ServiceConfiguration
import TestSupport
import Testing

@testable import Services

@Suite(.timeLimit(.minutes(1)))
struct SOCKSDialogueTests {
    /// What a dialogue has come to.
    private enum Outcome: Equatable {
        case waits
        case open(rest: [UInt8])
        case failed(BridgeFailure)
    }

    private struct Course: Equatable {
        /// Everything after the greeting.
        var said: [UInt8]
        var outcome: Outcome
    }

    private static let credential = Credential(username: Secret("bob"), password: Secret("p:w"))
    private static let success: [UInt8] = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]

    /// Feeds an answer in pieces.
    private func speak(_ dialogue: SOCKSDialogue, _ pieces: [[UInt8]]) -> Course {
        var dialogue = dialogue
        var input = ByteBuffer()
        var said: [UInt8] = []
        for (index, piece) in pieces.enumerated() {
            input.writeBytes(piece)
            do throws(BridgeFailure) {
                reading: while true {
                    switch try dialogue.take(&input) {
                    case .waits: break reading
                    case .says(var bytes), .shows(var bytes): said += bytes.readBytes(length: bytes.readableBytes) ?? []
                    case .open:
                        let rest = Array(buffer: input) + pieces[(index + 1)...].flatMap { $0 }
                        return Course(said: said, outcome: .open(rest: rest))
                    }
                }
            } catch {
                return Course(said: said, outcome: .failed(error))
            }
        }
        return Course(said: said, outcome: .waits)
    }

    private func speak(_ dialogue: SOCKSDialogue, _ answer: [UInt8]) -> Course {
        speak(dialogue, [answer])
    }

    private func origin(_ host: String, port: UInt16 = 443) -> Authority { Authority(host: host, port: port) }

    @Test(
        arguments: [
            (nil, false, [5, 1, 0]), (nil, true, [5, 1, 0]), (credential, false, [5, 1, 2]),
            (credential, true, [5, 2, 0, 2]),
        ] as [(Credential?, Bool, [UInt8])]
    )
    func `only what is wanted is offered`(_ credential: Credential?, _ allows: Bool, _ greeting: [UInt8]) {
        let dialogue = SOCKSDialogue(to: origin("a.test"), credential: credential, allowsNoAuthentication: allows)
        #expect(Array(buffer: dialogue.begin()) == greeting)
    }

    @Test(
        arguments: [
            ("a.test", [3, 6] + Array("a.test".utf8)),
            ("xn--bcher-kva.test", [3, 18] + Array("xn--bcher-kva.test".utf8)),
            ("192.0.2.7", [1, 192, 0, 2, 7]), ("127.1", [3, 5] + Array("127.1".utf8)),
            ("2001:db8::1", [4, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
            (String(repeating: "a", count: 255), [3, 255] + Array(repeating: 97, count: 255)),
        ] as [(String, [UInt8])]
    )
    func `names are sent as names and literals as addresses`(_ host: String, _ bytes: [UInt8]) {
        let course = speak(SOCKSDialogue(to: origin(host), credential: nil), [5, 0] + Self.success)
        #expect(course == Course(said: [5, 1, 0] + bytes + [1, 187], outcome: .open(rest: [])))
    }

    @Test func `a name that was resolved here is sent as its address`() {
        var dialogue = Dialogue.socks(SOCKSDialogue(to: origin("a.test", port: 80), credential: nil))
        dialogue.resolve(to: .v4(0xc000_0207))
        guard case .socks(let socks) = dialogue else { return }
        #expect(speak(socks, [5, 0]).said == [5, 1, 0, 1, 192, 0, 2, 7, 0, 80])
    }

    @Test func `user name and password are sent when the proxy asks for them`() {
        let dialogue = SOCKSDialogue(to: origin("1.2.3.4"), credential: Self.credential, allowsNoAuthentication: true)
        let request: [UInt8] = [5, 1, 0, 1, 1, 2, 3, 4, 1, 187]
        let login: [UInt8] = [1, 3] + Array("bob".utf8) + [3] + Array("p:w".utf8)
        #expect(speak(dialogue, [5, 2]) == Course(said: login, outcome: .waits))
        #expect(
            speak(dialogue, [5, 2, 1, 0] + Self.success) == Course(said: login + request, outcome: .open(rest: []))
        )
        #expect(
            speak(dialogue, [5, 2, 5, 0]) == Course(said: login + request, outcome: .waits),
            "some servers confuse the versions"
        )
        #expect(speak(dialogue, [5, 0]) == Course(said: request, outcome: .waits))
    }

    @Test func `the longest credential fits`() {
        let long = Secret(String(repeating: "x", count: 255))
        let credential = Credential(username: long, password: long)
        let said = speak(SOCKSDialogue(to: origin("a"), credential: credential), [5, 2]).said
        #expect(said.count == 1 + 256 + 256 && said[1] == 255 && said[257] == 255)
    }

    @Test(
        arguments: [
            [5, 0, 0, 1, 1, 2, 3, 4, 5, 6], [5, 0, 0, 4] + Array(1...18), [5, 0, 7, 3, 4, 97, 98, 99, 100, 0, 80],
            [5, 0, 0, 3, 0, 0, 80], [5, 0, 0, 3, 255] + Array(repeating: 0, count: 257),
        ] as [[UInt8]]
    )
    func `a reply is read to its true length and what follows is the origin's`(_ reply: [UInt8]) {
        let dialogue = SOCKSDialogue(to: origin("a.test"), credential: nil)
        let banner = Array("SSH-2.0\r\n".utf8)
        #expect(speak(dialogue, [5, 0] + reply + banner).outcome == .open(rest: banner))
        #expect(speak(dialogue, [5, 0] + reply.dropLast()).outcome == .waits)
    }

    @Test(
        arguments: [
            ([5, 255], .authentication(.method(255))), ([5, 0], .authentication(.method(0))),
            ([5, 1], .authentication(.method(1))), ([5, 2, 1, 1], .authentication(.verdict(1))),
            ([5, 2, 1, 255], .authentication(.verdict(255))), ([4], .socksReply), ([72], .socksReply),
            ([5, 2, 2], .socksReply), ([5, 2, 1, 0, 4], .socksReply), ([5, 2, 1, 0, 5, 1], .socksRefused(1)),
            ([5, 2, 1, 0, 5, 2], .socksRefused(2)), ([5, 2, 1, 0, 5, 99], .socksRefused(99)),
            ([5, 2, 1, 0, 5, 0, 0, 2], .socksReply), ([5, 2, 1, 0, 5, 0, 0, 0], .socksReply),
        ] as [([UInt8], BridgeFailure)]
    )
    func `everything else is a failure with a name`(_ answer: [UInt8], _ failure: BridgeFailure) {
        let dialogue = SOCKSDialogue(to: origin("a.test"), credential: Self.credential)
        #expect(speak(dialogue, answer).outcome == .failed(failure))
        #expect(speak(dialogue, answer.dropLast()).outcome == .waits)
    }

    // MARK: - Properties

    @Test(arguments: 0..<200)
    func `it does not matter how the answer is cut`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let dialogue = SOCKSDialogue(
            to: origin("a.test"),
            credential: Bool.random(using: &random) ? Self.credential : nil,
            allowsNoAuthentication: true
        )
        let prefixes: [[UInt8]] = [[5, 0], [5, 2, 1, 0], []]
        let kinds: [[UInt8]] = [[5, 0, 0, 1], [5, 0, 0, 4], [5, 0, 0, 3, 9], [5, 3], []]
        var answer = (prefixes.randomElement(using: &random) ?? []) + (kinds.randomElement(using: &random) ?? [])
        answer += (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        var pieces: [[UInt8]] = []
        var rest = answer[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...rest.count, using: &random)
            pieces.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        let whole = speak(dialogue, answer)
        #expect(speak(dialogue, pieces) == whole)
        #expect(speak(dialogue, answer.map { [$0] }) == whole)
    }
}
