import NIOCore

/// Cuts the body of one message out of the bytes of its connection, by its framing.
struct BodyReader: Sendable {
    /// What comes next out of the body.
    typealias Part = ChunkedDecoder.Part

    private enum State {
        case length(remaining: Int)
        case chunked(ChunkedDecoder)
        case untilClose
        case done
    }

    private var state: State

    init(_ framing: BodyFraming) {
        switch framing {
        case .none: state = .length(remaining: 0)
        case .length(let length): state = .length(remaining: length)
        case .chunked: state = .chunked(ChunkedDecoder())
        case .untilClose: state = .untilClose
        }
    }

    /// The end of the body has been returned.
    var isDone: Bool {
        if case .done = state { true } else { false }
    }

    /// - Returns: nil when more bytes are needed, or after the end.
    mutating func next(_ buffer: inout ByteBuffer) throws(ChunkedDecoder.Malformed) -> Part? {
        switch state {
        case .length(0):
            state = .done
            return .end(trailers: [])
        case .length(let remaining):
            let length = min(remaining, buffer.readableBytes)
            guard 0 < length, let slice = buffer.readSlice(length: length) else { return nil }
            state = .length(remaining: remaining - length)
            return .data(slice)
        case .chunked(var decoder):
            let part = try decoder.next(&buffer)
            if case .end? = part { state = .done } else { state = .chunked(decoder) }
            return part
        case .untilClose:
            guard let slice = buffer.readSlice(length: buffer.readableBytes), 0 < slice.readableBytes else {
                return nil
            }
            return .data(slice)
        case .done:
            return nil
        }
    }

    /// The connection has closed in this direction.
    ///
    /// - Returns: True when that is how the body ends; false: the body is incomplete.
    mutating func close() -> Bool {
        switch state {
        case .untilClose, .done:
            state = .done
            return true
        case .length, .chunked:
            return false
        }
    }
}
