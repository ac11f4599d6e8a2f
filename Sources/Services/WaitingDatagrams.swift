import NIOCore

/// What a client sends while the socket to the destination is being opened; bounded, the latest are dropped.
struct WaitingDatagrams {
    /// A dial to a name takes milliseconds; a client that sends more until then sends too fast.
    private static let maximumCount = 64
    /// Four datagrams of the largest size.
    private static let maximumBytes = 256 * 1024

    private var datagrams: [ByteBuffer] = []
    private var byteCount = 0

    mutating func append(_ bytes: ByteBuffer) {
        guard datagrams.count < Self.maximumCount, byteCount + bytes.readableBytes <= Self.maximumBytes else { return }
        byteCount += bytes.readableBytes
        // A copy: the buffer of the socket has room for the largest datagram, and is wanted for the next one.
        datagrams.append(ByteBuffer(bytes: bytes.readableBytesView))
    }

    mutating func takeAll() -> [ByteBuffer] {
        defer { self = WaitingDatagrams() }
        return datagrams
    }
}
