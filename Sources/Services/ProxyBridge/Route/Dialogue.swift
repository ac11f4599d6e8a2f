import Addresses
import NIOCore

/// What is said to a proxy, and heard from it, before a connection leads to the origin.
///
/// Pure: bytes in, bytes out. Whatever follows the last answer stays in the input: it is the origin's.
enum Dialogue {
    case connect(ConnectDialogue)
    case socks(SOCKSDialogue)

    /// How far it has come.
    enum Progress {
        case waits
        case says(ByteBuffer)
        /// Says what holds the credential.
        case shows(ByteBuffer)
        case open
    }

    /// True when the first words hold the credential already.
    var beginsWithCredential: Bool {
        switch self {
        case .connect: true
        case .socks: false
        }
    }

    /// The first words.
    func begin() -> ByteBuffer {
        switch self {
        case .connect(let dialogue): dialogue.begin()
        case .socks(let dialogue): dialogue.begin()
        }
    }

    /// Takes what the proxy has answered.
    ///
    /// - Throws: Why the connection will not lead to the origin.
    mutating func take(_ input: inout ByteBuffer) throws(BridgeFailure) -> Progress {
        switch self {
        case .connect(var dialogue):
            defer { self = .connect(dialogue) }
            return try dialogue.take(&input)
        case .socks(var dialogue):
            defer { self = .socks(dialogue) }
            return try dialogue.take(&input)
        }
    }

    /// Names the origin by its address; a dialogue that was not told so sends the name.
    mutating func resolve(to address: IPAddress) {
        switch self {
        case .connect: break
        case .socks(var dialogue):
            dialogue.resolve(to: address)
            self = .socks(dialogue)
        }
    }

    /// The head with which the proxy refused, for the log.
    var refusal: ResponseHead? {
        switch self {
        case .connect(let dialogue): dialogue.refusal
        case .socks: nil
        }
    }
}
