import Glibc
import NIOCore
import Sockets
import TestSupport

/// One end of a TCP connection in a test: reads what it waits for, writes what it is told to.
final class ProxyBridgePeer {
    private var iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private let channel: any Channel
    private(set) var buffer = ByteBuffer()

    init(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        _ channel: any Channel
    ) {
        iterator = inbound.makeAsyncIterator()
        self.outbound = outbound
        self.channel = channel
    }

    func send(_ text: String) async throws {
        try await outbound.write(ByteBuffer(string: text))
    }

    func send(bytes: [UInt8]) async throws {
        try await outbound.write(ByteBuffer(bytes: bytes))
    }

    /// Everything up to and with `end`.
    func read(through end: String) async throws -> String {
        while true {
            // Bytes, for CRLF is one character and holds no LF.
            if let range = buffer.readableBytesView.firstRange(of: end.utf8) {
                return buffer.readString(length: range.upperBound - buffer.readerIndex) ?? ""
            }
            guard try await more() else { throw Finished(after: String(buffer: buffer)) }
        }
    }

    func read(bytes count: Int) async throws -> String {
        while buffer.readableBytes < count {
            guard try await more() else { throw Finished(after: "\(buffer.readableBytes) bytes") }
        }
        return buffer.readString(length: count) ?? ""
    }

    func readBytes(_ count: Int) async throws -> [UInt8] {
        while buffer.readableBytes < count {
            guard try await more() else { throw Finished(after: "\(buffer.readableBytes) bytes") }
        }
        return buffer.readBytes(length: count) ?? []
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
        do { _ = try await readToEnd() } catch {
            // Cut: an end as well.
        }
    }

    func finish() {
        outbound.finish()
    }

    /// Ends the stream to the other end; returns when the kernel knows.
    func endOutput() async {
        do {
            try await channel.close(mode: .output).get()
        } catch {
            // It has ended already.
        }
    }

    /// Waits until the other end's kernel has everything that was sent, an end of the stream included.
    ///
    /// A busy kernel may hand bytes over later than it takes them, also on loopback.
    func delivered() async {
        guard let options = channel as? any SocketOptionProvider else { preconditionFailure("a peer has no socket") }
        do {
            while try await options.getTCPInfo().get().tcpi_unacked > 0 { try await Turn.next() }
        } catch {
            // The other end has read it and closed.
        }
    }

    /// Closes with a reset.
    func reset() async throws {
        let channel = channel
        try await channel.eventLoop.submit { channel.reset() }.get()
    }

    /// Ends the stream as a network does that loses the rest: TLS gets no farewell.
    func cut() async throws {
        let channel = channel
        try await channel.eventLoop.flatSubmit {
            do {
                return try channel.pipeline.syncOperations.context(handlerType: TransportHandler.self).close(
                    mode: .output
                )
            } catch {
                return channel.eventLoop.makeFailedFuture(error)
            }
        }.get()
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
