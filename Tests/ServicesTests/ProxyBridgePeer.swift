import NIOCore

/// One end of a TCP connection in a test: reads what it waits for, writes what it is told to.
final class ProxyBridgePeer {
    private var iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private let channel: any Channel
    private(set) var buffer = ByteBuffer()

    init(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        _ channel: any Channel
    ) {
        iterator = inbound.makeAsyncIterator()
        self.outbound = outbound
        self.channel = channel
    }

    func send(_ text: String) async throws {
        try await outbound.write(ByteBuffer(string: text))
    }

    /// Everything up to and with `end`.
    func read(through end: String) async throws -> String {
        while true {
            let text = String(buffer: buffer)
            if let range = text.firstRange(of: end) {
                let result = String(text[..<range.upperBound])
                buffer.moveReaderIndex(forwardBy: result.utf8.count)
                return result
            }
            guard try await more() else { throw Finished(after: text) }
        }
    }

    func readHead() async throws -> String {
        try await read(through: "\r\n\r\n")
    }

    /// Everything up to the end of the stream.
    ///
    /// - Throws: When the stream is cut instead.
    func readToEnd() async throws -> String {
        while try await more() {}
        defer { buffer.clear() }
        return String(buffer: buffer)
    }

    /// Waits until the stream ends or is cut.
    func waitForEnd() async {
        do { _ = try await readToEnd() } catch { /* cut: an end as well */  }
    }

    func finish() {
        outbound.finish()
    }

    /// Closes with a reset.
    func reset() async throws {
        try await channel.setOption(.socketOption(.so_linger), value: .init(l_onoff: 1, l_linger: 0)).get()
        try await channel.close().get()
    }

    func close() async throws {
        try await channel.close().get()
    }

    private func more() async throws -> Bool {
        guard let bytes = try await iterator.next(isolation: #isolation) else { return false }
        buffer.writeImmutableBuffer(bytes)
        return true
    }

    struct Finished: Error {
        var after: String
    }
}
