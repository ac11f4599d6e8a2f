import NIOCore

/// Reads one whole response, from bytes in whatever pieces they come: for a client that passes nothing on.
package struct ResponseReader: Sendable {
    /// Why these bytes are no response.
    package enum Malformed: Error, Hashable, Sendable {
        case response
        /// The connection ended before the response.
        case truncated
    }

    /// The heads of an answer of ours have a few hundred bytes.
    private static let headLimit = 16 * 1024

    private var buffer = ByteBuffer()
    private var heads = ResponseHeadReader()
    private var headBytes = 0
    private var body: BodyReader?
    /// Of the final response; 0 before it.
    package private(set) var status = 0

    package init() {}

    package var isDone: Bool { body?.isDone ?? false }

    /// Takes bytes.
    ///
    /// - Returns: Those that belong to the body.
    package mutating func take(_ bytes: some Collection<UInt8>) throws(Malformed) -> [UInt8] {
        buffer.writeBytes(bytes)
        if body == nil { try readHead(coming: bytes.count) }
        var part: [UInt8] = []
        do {
            loop: while let next = try body?.next(&buffer) {
                switch next {
                case .data(let data): part += data.readableBytesView
                case .end: break loop
                }
            }
        } catch {
            throw .response
        }
        return part
    }

    /// The connection has ended.
    package mutating func end() throws(Malformed) {
        guard body?.close() == true else { throw .truncated }
    }

    private mutating func readHead(coming count: Int) throws(Malformed) {
        headBytes += count
        do {
            while let head = try heads.read(&buffer) {
                guard !head.isInformational else { continue }
                status = head.status
                body = BodyReader(
                    try .ofResponse(
                        head.fields,
                        status: head.status,
                        minorVersion: head.minorVersion,
                        toMethod: "GET"
                    )
                )
                break
            }
        } catch {
            throw .response
        }
        // What is behind the head does not count.
        guard headBytes - (body == nil ? 0 : buffer.readableBytes) <= Self.headLimit else { throw .response }
    }
}
