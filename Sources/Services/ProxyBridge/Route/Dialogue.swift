import NIOCore

/// What is said to a proxy, and heard from it, before a connection leads to the origin.
///
/// Pure: bytes in, bytes out. Whatever follows the last answer stays in the input: it is the origin's.
enum Dialogue {
    case connect(ConnectDialogue)

    /// How far it has come.
    enum Progress {
        case waits
        case says(ByteBuffer)
        case open
    }

    /// The first words.
    func begin() -> ByteBuffer {
        switch self {
        case .connect(let dialogue): dialogue.begin()
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
        }
    }

    /// The head with which the proxy refused, for the log.
    var refusal: ResponseHead? {
        switch self {
        case .connect(let dialogue): dialogue.refusal
        }
    }
}
