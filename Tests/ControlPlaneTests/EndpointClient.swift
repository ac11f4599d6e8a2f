import Addresses
import NIOCore
import NIOPosix
import Testing

/// A client that speaks HTTP by hand, so that it can be rude.
struct EndpointClient {
    /// An answer, taken apart.
    struct Answer {
        var status: Int
        var head: String
        var body: String

        init(_ text: String) {
            let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
            head = String(parts.first ?? "")
            body = parts.count == 2 ? String(parts[1]) : ""
            status = head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        }
    }

    /// One connection, open for the time of a body.
    struct Stream {
        var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
        let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
        var text = ""

        func send(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }

        /// Reads until `end` has come, or the connection has ended.
        @discardableResult
        mutating func read(until end: String? = nil) async throws -> String {
            while end.map({ !text.contains($0) }) ?? true {
                do {
                    guard let part = try await inbound.next(isolation: #isolation) else { break }
                    text += String(buffer: part)
                } catch {
                    break  // a reset is an end, too
                }
            }
            return text
        }
    }

    let address: ListenAddress

    /// Connects for the time of `body`.
    func connect<Value: Sendable>(_ body: (inout Stream) async throws -> Value) async throws -> Value {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        let channel =
            switch address {
            case .tcp(let host, let port), .udp(let host, let port):
                try await bootstrap.connect(host: "\(host)", port: Int(port), channelInitializer: Self.wrap)
            case .unix(let path):
                try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: Self.wrap)
            }
        return try await channel.executeThenClose { inbound, outbound in
            var stream = Stream(inbound: inbound.makeAsyncIterator(), outbound: outbound)
            return try await body(&stream)
        }
    }

    /// Asks once, on a connection of its own.
    func ask(_ method: String, _ path: String, host: String? = "localhost", _ fields: String = "") async throws
        -> Answer
    {
        try await connect { stream in
            let host = host.map { "Host: \($0)\r\n" } ?? ""
            try await stream.send("\(method) \(path) HTTP/1.1\r\n\(host)\(fields)Connection: close\r\n\r\n")
            return Answer(try await stream.read())
        }
    }

    @Sendable
    private static func wrap(
        _ channel: any Channel
    ) -> EventLoopFuture<NIOAsyncChannel<ByteBuffer, ByteBuffer>> {
        channel.eventLoop.makeCompletedFuture {
            try NIOAsyncChannel(wrappingChannelSynchronously: channel)
        }
    }
}
