import Addresses
import NIOCore

/// Reads what a SOCKS5 client says before its tunnel (RFC 1928, RFC 1929), however its bytes are split.
///
/// Whatever follows the request stays in the input: it is for the other end of the tunnel.
struct SOCKSClientReader: Sendable {
    static let version: UInt8 = 5
    static let credentialVersion: UInt8 = 1
    /// Where a chosen method would be: none of those offered will do.
    static let noMethod: UInt8 = 0xff

    /// How far the client has come.
    enum Progress: Equatable, Sendable {
        case waits
        /// The client waits for these bytes.
        case says([UInt8])
        /// The client wants a tunnel.
        case asks(Authority)
    }

    private enum Stage {
        case greeting
        case credential
        case request
    }

    private enum Method {
        static let none: UInt8 = 0
        static let credential: UInt8 = 2
    }

    private enum AddressType {
        static let v4: UInt8 = 1
        static let name: UInt8 = 3
        static let v6: UInt8 = 4
    }

    private static let connect: UInt8 = 1

    private let authentication: ClientAuthentication?
    private var stage = Stage.greeting

    /// `authentication` is what the client must show; nil: nothing.
    init(_ authentication: ClientAuthentication?) {
        self.authentication = authentication
    }

    /// Consumes one message, when it is complete.
    mutating func read(_ input: inout ByteBuffer) throws(BridgeFailure) -> Progress {
        switch stage {
        case .greeting: try readGreeting(&input)
        case .credential: try readCredential(&input)
        case .request: try readRequest(&input)
        }
    }

    private mutating func readGreeting(_ input: inout ByteBuffer) throws(BridgeFailure) -> Progress {
        guard let start = Self.bytes(0..<2, of: input) else { return .waits }
        guard start[0] == Self.version else { throw .request(.socksMessage) }
        let length = 2 + Int(start[1])
        guard let methods = Self.bytes(2..<length, of: input) else { return .waits }
        input.moveReaderIndex(forwardBy: length)
        if authentication == nil, methods.contains(Method.none) {
            stage = .request
            return .says([Self.version, Method.none])
        }
        guard methods.contains(Method.credential) else { throw .request(.socksMethods) }
        stage = .credential
        return .says([Self.version, Method.credential])
    }

    /// Without `auth` any credential will do, as with HTTP.
    private mutating func readCredential(_ input: inout ByteBuffer) throws(BridgeFailure) -> Progress {
        guard let start = Self.bytes(0..<2, of: input) else { return .waits }
        guard start[0] == Self.credentialVersion else { throw .clientAuthentication }
        let nameEnd = 2 + Int(start[1])
        guard let length = Self.bytes(nameEnd..<(nameEnd + 1), of: input)?.first else { return .waits }
        let end = nameEnd + 1 + Int(length)
        guard let name = Self.bytes(2..<nameEnd, of: input),
            let password = Self.bytes((nameEnd + 1)..<end, of: input)
        else { return .waits }
        input.moveReaderIndex(forwardBy: end)
        guard authentication?.admits(username: name, password: password) ?? true else { throw .clientAuthentication }
        stage = .request
        return .says([Self.credentialVersion, 0])
    }

    private func readRequest(_ input: inout ByteBuffer) throws(BridgeFailure) -> Progress {
        guard let start = Self.bytes(0..<4, of: input) else { return .waits }
        guard start[0] == Self.version else { throw .request(.socksMessage) }
        guard start[1] == Self.connect else { throw .request(.socksCommand) }
        let host: Range<Int>
        switch start[3] {
        case AddressType.v4: host = 4..<8
        case AddressType.v6: host = 4..<20
        case AddressType.name:
            guard let length = Self.bytes(4..<5, of: input)?.first else { return .waits }
            host = 5..<(5 + Int(length))
        case _: throw .request(.socksAddressType)
        }
        guard let address = Self.bytes(host, of: input),
            let port = Self.bytes(host.upperBound..<(host.upperBound + 2), of: input)
        else { return .waits }
        input.moveReaderIndex(forwardBy: host.upperBound + 2)
        let number = UInt16(port[0]) << 8 | UInt16(port[1])
        guard let target = Self.target(address, type: start[3], port: number) else {
            throw .request(.malformedTarget)
        }
        return .asks(target)
    }

    private static func target(_ address: [UInt8], type: UInt8, port: UInt16) -> Authority? {
        guard 0 < port else { return nil }
        switch type {
        case AddressType.v4:
            let bits = address.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            return Authority(host: IPAddress.v4(bits).description, port: port)
        case AddressType.v6:
            let groups = stride(from: 0, to: 16, by: 2).map { UInt16(address[$0]) << 8 | UInt16(address[$0 + 1]) }
            return Authority(host: IPAddress.v6(groups).description, port: port)
        case _:
            let text = String(decoding: address, as: UTF8.self)
            // Some clients send addresses as names.
            if case .v6? = IPAddress(text) { return Authority(host: text, port: port) }
            return Authority.isName(address) ? Authority(host: Authority.plain(text), port: port) : nil
        }
    }

    /// Bytes of the input that are there and stay there; positions count from the next byte.
    private static func bytes(_ range: Range<Int>, of input: ByteBuffer) -> [UInt8]? {
        input.getBytes(at: input.readerIndex + range.lowerBound, length: range.count)
    }
}
