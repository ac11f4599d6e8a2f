import NIOCore
import NIOHTTP1
import ServiceConfiguration

/// Sends one GET and reads the status of the answer; the codec bounds the head, and the body is not kept.
final class ProbeRequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// Success, and a redirection: whoever redirects is there.
    private static let goodStatus = 200...399

    private let url: ProbeURL
    private let ended: (ProbeResult) -> Void

    /// Calls `ended` at least once; the first call counts.
    init(_ url: ProbeURL, ended: @escaping (ProbeResult) -> Void) {
        self.url = url
        self.ended = ended
    }

    func channelActive(context: ChannelHandlerContext) {
        let headers: HTTPHeaders = ["Host": url.authority, "Connection": "close", "Accept": "*/*"]
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: url.path, headers: headers)
        context.write(wrapOutboundOut(.head(head))).assumeIsolated().whenFailure { self.fail($0) }
        context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenFailure { self.fail($0) }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = unwrapInboundIn(data) else { return }
        let status = Int(head.status.code)
        let isGood = Self.goodStatus.contains(status)
        ended(isGood ? .good : .bad("\(url.textWithoutQuery) answered with status \(status)"))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        ended(.bad("\(url.textWithoutQuery) closed the connection without an answer"))
        context.fireChannelInactive()
    }

    private func fail(_ error: any Error) {
        ended(.bad("\(url.textWithoutQuery) did not answer in HTTP/1.1"))
    }
}
