import NIOCore

/// Writes heads and chunks for the wire.
enum HeadWriter {
    /// The request for a tunnel: nothing of the client's head goes to the upstream.
    static func tunnelRequest(to authority: Authority, credential: ProxyCredential?) -> ByteBuffer {
        var buffer = ByteBuffer(string: "CONNECT \(authority) HTTP/1.1\r\nHost: \(authority)\r\n")
        credential?.writeField(into: &buffer)
        buffer.writeStaticString("\r\n")
        return buffer
    }

    /// A plain request for the next hop: Host from the target, hop-by-hop fields removed, all others as they came.
    ///
    /// To a proxy in absolute-form with the credential; to an origin in origin-form, which never carries one.
    static func request(
        _ head: RequestHead,
        path: [UInt8],
        toProxy proxy: ProxyHop?,
        via: ViaPseudonym? = nil
    ) -> ByteBuffer {
        var buffer = ByteBuffer()
        let host = head.target.authority.hostField
        buffer.writeString("\(head.method) ")
        if proxy != nil { buffer.writeString("http://\(host)") }
        // Only the origin is asked with a `*`; a proxy has to learn from the URI that there is no path.
        if proxy == nil || path != RequestTarget.wholeOrigin { buffer.writeBytes(path) }
        buffer.writeStaticString(" HTTP/1.1\r\n")
        if !head.fields.contains(name: "host") { buffer.writeString("Host: \(host)\r\n") }
        var removed = HopByHop.names.union(HopByHop.nominated(by: head.fields))
        // It announces the trailers of chunks.
        if head.framing != .chunked { removed.insert("trailer") }
        var written: Set<String> = []
        for field in head.fields {
            switch field.name {
            case "host":
                write(field.writtenName, host, into: &buffer)
            case "content-length":
                guard case .length(let length) = head.framing, written.insert(field.name).inserted else { continue }
                write(field.writtenName, "\(length)", into: &buffer)
            case "connection", "upgrade":
                guard let upgrade = head.upgrade, written.insert(field.name).inserted else { continue }
                write(field.writtenName, field.name == "upgrade" ? upgrade : "Upgrade", into: &buffer)
            case "max-forwards" where head.maxForwards != nil:
                write(field.writtenName, "\(head.maxForwards.map { $0 - 1 } ?? 0)", into: &buffer)
            case let name:
                if !removed.contains(name) { write(field, into: &buffer) }
            }
        }
        if head.framing == .chunked { buffer.writeStaticString("Transfer-Encoding: chunked\r\n") }
        if let via { buffer.writeString(via.field(minorVersion: head.minorVersion)) }
        proxy?.credential?.writeField(into: &buffer)
        buffer.writeStaticString("\r\n")
        return buffer
    }

    /// A response for the client.
    static func response(_ head: ResponseHead, delivery: ResponseDelivery, via: ViaPseudonym? = nil) -> ByteBuffer {
        var buffer = ByteBuffer(string: "HTTP/1.1 \(head.status) ")
        buffer.writeBytes(head.reason)
        buffer.writeStaticString("\r\n")
        var removed = HopByHop.names.union(HopByHop.nominated(by: head.fields)).subtracting(HopByHop.neverNominated)
        removed.insert("transfer-encoding")
        if delivery.framing != .chunked { removed.insert("trailer") }
        var wroteLength = false
        // What agrees on another protocol stays where the upstream has it, and as it writes it.
        var agreed: Set = delivery.isSwitch ? ["connection", "upgrade"] : []
        for field in head.fields {
            switch agreed.remove(field.name) {
            case "connection"?: write(field.writtenName, delivery.connection ?? "", into: &buffer)
            case _?: write(field, into: &buffer)
            case nil: break
            }
            guard !removed.contains(field.name) else { continue }
            if field.name == "content-length" {
                // Identical repetitions collapse; with chunked, or where there is no body, the length would lie.
                guard delivery.keepsLength, !wroteLength else { continue }
                wroteLength = true
                if case .length(let length) = delivery.framing {
                    write(field.writtenName, "\(length)", into: &buffer)
                    continue
                }
            }
            write(field, into: &buffer)
        }
        if delivery.framing == .chunked { buffer.writeStaticString("Transfer-Encoding: chunked\r\n") }
        if let via { buffer.writeString(via.field(minorVersion: head.minorVersion)) }
        if let connection = delivery.connection, !delivery.isSwitch || agreed.contains("connection") {
            buffer.writeString("Connection: \(connection)\r\n")
        }
        buffer.writeStaticString("\r\n")
        return buffer
    }

    /// The response by which the connection changes to the protocol that its head names.
    static func switching(_ head: ResponseHead) -> ByteBuffer {
        let delivery = ResponseDelivery(framing: .none, keepsLength: false, connection: "Upgrade", isSwitch: true)
        return response(head, delivery: delivery)
    }

    /// An informational response: only the fields that concern the message.
    static func informational(_ head: ResponseHead) -> ByteBuffer {
        response(head, delivery: ResponseDelivery(framing: .none, keepsLength: false, connection: nil))
    }

    /// The line before a chunk of `length` bytes; the chunk and CRLF follow.
    static func chunkSize(_ length: Int) -> ByteBuffer {
        ByteBuffer(string: String(length, radix: 16) + "\r\n")
    }

    static let lineEnd = ByteBuffer(string: "\r\n")

    /// The end of a chunked body; `nominated` are the fields that the message's Connection names.
    static func lastChunk(trailers: [HeadField], nominated: Set<String> = []) -> ByteBuffer {
        var buffer = ByteBuffer(string: "0\r\n")
        for field in HopByHop.forwardable(trailers: trailers, nominated: nominated) { write(field, into: &buffer) }
        buffer.writeStaticString("\r\n")
        return buffer
    }

    private static func write(_ name: ArraySlice<UInt8>, _ value: String, into buffer: inout ByteBuffer) {
        buffer.writeBytes(name)
        buffer.writeString(": \(value)\r\n")
    }

    private static func write(_ field: HeadField, into buffer: inout ByteBuffer) {
        buffer.writeBytes(field.line)
        buffer.writeStaticString("\r\n")
    }
}
