import NIOCore

/// Asks an HTTP proxy for a tunnel (RFC 9110 9.3.6).
struct ConnectDialogue {
    private let origin: Authority
    private let credential: ProxyCredential?
    private var reader = ResponseHeadReader()
    /// The final head, when it was no success.
    private(set) var refusal: ResponseHead?

    init(to origin: Authority, credential: ProxyCredential?) {
        self.origin = origin
        self.credential = credential
    }

    func begin() -> ByteBuffer {
        HeadWriter.tunnelRequest(to: origin, credential: credential)
    }

    mutating func take(_ input: inout ByteBuffer) throws(BridgeFailure) -> Dialogue.Progress {
        while let head = try read(&input) {
            if head.isInformational, head.status != 101 { continue }
            if head.status / 100 == 2 { return .open }
            refusal = head
            throw head.status == 401 || head.status == 407
                ? .authentication(.status(head.status)) : .tunnelRefused(received: head.status)
        }
        return .waits
    }

    private mutating func read(_ input: inout ByteBuffer) throws(BridgeFailure) -> ResponseHead? {
        do throws(ResponseProblem) {
            return try reader.read(&input)
        } catch {
            throw .reply(error)
        }
    }
}
