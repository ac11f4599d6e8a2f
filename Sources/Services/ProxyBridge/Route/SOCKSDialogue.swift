import Addresses
import NIOCore
import ServiceConfiguration

/// Asks a SOCKS proxy for a connection (RFC 1928), with user name and password if there are any (RFC 1929).
struct SOCKSDialogue {
    /// What is heard next.
    private enum Step {
        case method
        case verdict
        case reply
    }

    private enum Method {
        static let none: UInt8 = 0
        static let password: UInt8 = 2
    }

    private static let version: UInt8 = 5
    /// Of the sub-negotiation; some servers answer with the version of SOCKS, and mean the same.
    private static let passwordVersion: UInt8 = 1

    private enum Kind {
        static let v4: UInt8 = 1
        static let name: UInt8 = 3
        static let v6: UInt8 = 4
    }

    private let origin: Authority?
    private let credential: Credential?
    private let offered: [UInt8]
    /// Sent in place of the host's name.
    private var address: IPAddress?
    private var step = Step.method

    /// - Parameters:
    ///   - origin: Where the connection is to lead; a literal is sent as the address that it is. Nil: nowhere, the
    ///     dialogue ends when the proxy has let this client in.
    ///   - credential: Its texts have 1 to 255 bytes.
    ///   - allowsNoAuthentication: Offers to go without the credential; otherwise a proxy that wants none, which may
    ///     be the wrong one, is found out.
    init(to origin: Authority?, credential: Credential?, allowsNoAuthentication: Bool = false) {
        self.origin = origin
        self.credential = credential
        address = origin.flatMap { IPAddress($0.host) }
        offered =
            switch (credential, allowsNoAuthentication) {
            case (nil, _): [Method.none]
            case (_?, false): [Method.password]
            case (_?, true): [Method.none, Method.password]
            }
    }

    /// Sends `address` in place of the host's name; to be called before the dialogue has begun to wait for a reply.
    mutating func resolve(to address: IPAddress) {
        self.address = address
    }

    func begin() -> ByteBuffer {
        ByteBuffer(bytes: [Self.version, UInt8(offered.count)] + offered)
    }

    mutating func take(_ input: inout ByteBuffer) throws(BridgeFailure) -> Dialogue.Progress {
        switch step {
        case .method: try takeMethod(&input)
        case .verdict: try takeVerdict(&input)
        case .reply: try takeReply(&input)
        }
    }

    private mutating func takeMethod(_ input: inout ByteBuffer) throws(BridgeFailure) -> Dialogue.Progress {
        try expect([Self.version], in: input)
        guard let method = input.byte(at: 1) else { return .waits }
        input.moveReaderIndex(forwardBy: 2)
        guard offered.contains(method) else { throw .authentication(.method(method)) }
        guard method == Method.password, let credential else { return request() }
        step = .verdict
        return .shows(Self.authentication(credential))
    }

    private mutating func takeVerdict(_ input: inout ByteBuffer) throws(BridgeFailure) -> Dialogue.Progress {
        try expect([Self.passwordVersion, Self.version], in: input)
        guard let status = input.byte(at: 1) else { return .waits }
        guard status == 0 else { throw .authentication(.verdict(status)) }
        input.moveReaderIndex(forwardBy: 2)
        return request()
    }

    /// A refusal may be shorter than the RFC wants; a success is read to its true length, for the rest is the origin's.
    private func takeReply(_ input: inout ByteBuffer) throws(BridgeFailure) -> Dialogue.Progress {
        try expect([Self.version], in: input)
        guard let code = input.byte(at: 1) else { return .waits }
        guard code == 0 else { throw .socksRefused(code) }
        guard let kind = input.byte(at: 3) else { return .waits }
        let length: Int
        switch kind {
        case Kind.v4: length = 4
        case Kind.v6: length = 16
        case Kind.name:
            guard let count = input.byte(at: 4) else { return .waits }
            length = 1 + Int(count)
        default: throw .socksReply
        }
        let whole = 4 + length + 2
        guard input.readableBytes >= whole else { return .waits }
        input.moveReaderIndex(forwardBy: whole)
        return .open
    }

    private func expect(_ versions: [UInt8], in input: ByteBuffer) throws(BridgeFailure) {
        if let version = input.byte(at: 0), !versions.contains(version) { throw .socksReply }
    }

    private static func authentication(_ credential: Credential) -> ByteBuffer {
        var buffer = ByteBuffer(bytes: [passwordVersion])
        for secret in [credential.username, credential.password] {
            secret.reveal { text in
                precondition((1...255).contains(text.utf8.count), "a credential was not checked for SOCKS")
                buffer.writeInteger(UInt8(text.utf8.count))
                buffer.writeString(text)
            }
        }
        return buffer
    }

    private mutating func request() -> Dialogue.Progress {
        guard let origin else { return .open }
        step = .reply
        var buffer = ByteBuffer(bytes: [Self.version, 1, 0])
        switch address {
        case .v4(let bits):
            buffer.writeInteger(Kind.v4)
            buffer.writeInteger(bits)
        case .v6(let groups):
            buffer.writeInteger(Kind.v6)
            for group in groups { buffer.writeInteger(group) }
        case nil:
            buffer.writeInteger(Kind.name)
            // Not longer than 255 bytes: a longer host is no authority.
            buffer.writeInteger(UInt8(clamping: origin.host.utf8.count))
            buffer.writeString(origin.host)
        }
        buffer.writeInteger(origin.port)
        return .says(buffer)
    }
}

extension ByteBuffer {
    /// The byte `offset` bytes ahead, if it has come.
    fileprivate func byte(at offset: Int) -> UInt8? {
        getInteger(at: readerIndex + offset)
    }
}
