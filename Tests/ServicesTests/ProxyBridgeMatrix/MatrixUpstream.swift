import NIOCore
import Synchronization
import Testing

@testable import Services

/// The proxy or the origin behind a bridge: speaks the first words of its kind, then behaves as it is told.
final class MatrixUpstream: Sendable {
    private struct State {
        var behaviour: MatrixBehaviour
        var isServing = 0
        var heads: [String] = []
    }

    private let kind: MatrixKind
    private let form: MatrixForm
    private let state: Mutex<State>

    init(_ kind: MatrixKind, _ form: MatrixForm, _ behaviour: MatrixBehaviour) {
        self.kind = kind
        self.form = form
        state = Mutex(State(behaviour: behaviour))
    }

    /// Every head that has come in.
    var heads: [String] { state.withLock { $0.heads } }

    func behave(_ behaviour: MatrixBehaviour) {
        state.withLock { $0.behaviour = behaviour }
    }

    func serve(_ peer: ProxyBridgePeer) async throws {
        let behaviour = state.withLock { $0.behaviour }
        switch kind {
        case .http, .https, .direct: break
        case .socks5, .socks5h:
            if behaviour.isBelowHTTP {
                _ = try await peer.read(bytes: 1)
                return try await fail(behaviour, peer)
            }
            guard try await greet(peer) else { return }
        }
        if form == .connect, kind.answersInHTTP {
            try await openTunnel(behaviour, peer)
        } else {
            try await answer(behaviour, peer)
        }
    }

    /// Fails before anything was said in TLS.
    func serveWithoutTLS(_ peer: ProxyBridgePeer) async throws {
        _ = try await peer.read(bytes: 1)
        try await fail(state.withLock { $0.behaviour }, peer)
    }

    // MARK: - The words of HTTP

    /// Answers CONNECT, then is the origin behind the tunnel.
    private func openTunnel(_ behaviour: MatrixBehaviour, _ peer: ProxyBridgePeer) async throws {
        let head = try await readHead(peer)
        guard isAdmitted(head) else { return try await peer.send(MatrixReply.proxyAuthentication) }
        if behaviour.isBelowHTTP { return try await fail(behaviour, peer) }
        try await peer.send(MatrixReply.text(of: behaviour, to: .connect))
        _ = try await peer.read(through: "ping\n")
        try await peer.send("pong\n")
    }

    /// Answers a plain request, or what comes through a tunnel.
    private func answer(_ behaviour: MatrixBehaviour, _ peer: ProxyBridgePeer) async throws {
        if form == .connect {
            _ = try await peer.read(through: "ping\n")
        } else {
            let head = try await readHead(peer)
            if form == .post { _ = try await peer.read(through: "0\r\n\r\n") }
            guard !kind.answersInHTTP || isAdmitted(head) else {
                return try await peer.send(MatrixReply.proxyAuthentication)
            }
        }
        if behaviour.isBelowHTTP { return try await fail(behaviour, peer) }
        let text = MatrixReply.text(of: behaviour, to: form == .connect ? .get : form)
        try await peer.send(text)
        guard text.contains(" 101 ") else { return }
        _ = try await peer.read(through: "ping\n")
        try await peer.send("pong\n")
    }

    private func readHead(_ peer: ProxyBridgePeer) async throws -> String {
        let head = try await peer.readHead()
        state.withLock { $0.heads.append(head) }
        return head
    }

    private func isAdmitted(_ head: String) -> Bool {
        MatrixSettings.passwords.contains { password in
            let pair = Base64Text.of("\(MatrixSettings.user):\(password)")
            return head.contains("\r\nProxy-Authorization: Basic \(pair)\r\n")
        }
    }

    private func fail(_ behaviour: MatrixBehaviour, _ peer: ProxyBridgePeer) async throws {
        switch behaviour {
        case .stall: await peer.waitForEnd()
        case .reset: try await peer.reset()
        case .garbage: try await peer.send(MatrixReply.text(of: .garbage, to: form))
        case .end, .good, .wrongCredential, .refused, .noContent, .continueThenOK, .forbidden, .proxyAuthentication,
            .unauthorized, .oversizedHead, .banner:
            break
        }
    }

    // MARK: - The words of SOCKS (RFC 1928, RFC 1929)

    /// - Returns: False when the client was refused.
    private func greet(_ peer: ProxyBridgePeer) async throws -> Bool {
        let greeting = try await peer.readBytes(2)
        let methods = try await peer.readBytes(Int(greeting[1]))
        guard methods.contains(2) else {
            try await peer.send(bytes: [5, 0xff])
            return false
        }
        try await peer.send(bytes: [5, 2])
        let user = try await field(peer, after: 1)
        let password = try await field(peer, after: 0)
        let isAdmitted = user == MatrixSettings.user && MatrixSettings.passwords.contains(password)
        try await peer.send(bytes: [1, isAdmitted ? 0 : 1])
        guard isAdmitted else { return false }
        let request = try await peer.readBytes(4)
        switch request[3] {
        case 1: _ = try await peer.readBytes(4 + 2)
        case 4: _ = try await peer.readBytes(16 + 2)
        default: _ = try await peer.readBytes(Int(try await peer.readBytes(1)[0]) + 2)
        }
        // A bound name instead of an address: its length must be read too.
        try await peer.send(bytes: [5, 0, 0, 3, 4] + Array("name".utf8) + [0, 80])
        return true
    }

    private func field(_ peer: ProxyBridgePeer, after skipped: Int) async throws -> String {
        _ = try await peer.readBytes(skipped)
        let count = try await peer.readBytes(1)[0]
        return String(decoding: try await peer.readBytes(Int(count)), as: UTF8.self)
    }
}
