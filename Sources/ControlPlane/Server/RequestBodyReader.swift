import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// Reads the body of a request to its end; no path takes one.
struct RequestBodyReader {
    private var parts: RequestBody.AsyncIterator
    private let limit: Int
    /// What the head says; nil: the body ends by itself.
    private let announced: Int?
    /// True when the whole request has been read.
    private(set) var isComplete = false

    init(_ request: Request, limit: Int) {
        parts = request.body.makeAsyncIterator()
        announced = request.headers[.contentLength].flatMap { Int($0) }
        self.limit = limit
    }

    /// Reads the whole body.
    ///
    /// - Throws: `RefusedRequest` as soon as it is known that the body is too large, or at the end of one that is not
    ///   empty: what it says must not look as if it had been heeded.
    @concurrent
    mutating func readAll() async throws {
        guard announced ?? 0 <= limit else { throw refusal }
        var count = 0
        while let part = try await parts.next() {
            count += part.readableBytes
            guard count <= limit else { throw refusal }
        }
        isComplete = true
        guard count == 0 else {
            let message = "cannot take a body: send none; the query says what is wanted"
            throw RefusedRequest(.badRequest, .badRequest, message)
        }
    }

    /// Reads what still comes behind an answer, until the connection ends or has sent too much.
    @concurrent
    mutating func discard(atMost limit: Int) async {
        guard !isComplete else { return }
        var count = 0
        do {
            while count < limit, let part = try await parts.next() { count += part.readableBytes }
        } catch {
            // The client has gone, or what it sends is no HTTP: nobody wants to know.
        }
    }

    private var refusal: RefusedRequest {
        let message = "cannot take a body of more than \(limit / 1024) KiB: send none"
        return RefusedRequest(.contentTooLarge, .tooMuch, message)
    }
}
