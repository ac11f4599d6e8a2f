/// How the end of a message's body is known (RFC 9112 6.3).
enum BodyFraming: Hashable, Sendable {
    case none
    case length(Int)
    case chunked
    /// The body ends with the connection: responses only.
    case untilClose
}

extension BodyFraming {
    /// How a request's body ends; `minorVersion` is 0 or 1, of HTTP/1.
    static func ofRequest(_ fields: [HeadField], minorVersion: Int) throws(RequestProblem) -> BodyFraming {
        let length: Int?
        do { length = try contentLength(fields) } catch { throw .contentLength }
        guard fields.contains(name: "transfer-encoding") else { return length.map(BodyFraming.length) ?? .none }
        if length != nil || fields.contains(name: "content-length") { throw .lengthWithTransferCoding }
        if minorVersion == 0 { throw .transferCoding }
        let codings = fields.listMembers("transfer-encoding")
        guard codings.last == "chunked", codings.count(where: { $0 == "chunked" }) == 1 else { throw .transferCoding }
        if codings.count > 1 { throw .unknownTransferCoding }
        return .chunked
    }

    static func ofResponse(
        _ fields: [HeadField],
        status: Int,
        minorVersion: Int,
        toMethod method: String
    ) throws(ResponseProblem) -> BodyFraming {
        if method == "HEAD" {
            // Without a body it still tells the length of one.
            do { _ = try contentLength(fields) } catch { throw .contentLength }
        }
        if method == "HEAD" || status / 100 == 1 || status == 204 || status == 304 { return .none }
        if method == "CONNECT", status / 100 == 2 { return .none }
        if fields.contains(name: "transfer-encoding") {
            // In HTTP/1.0 the field means nothing reliable: the message cannot be delimited (RFC 9112 6.1).
            guard minorVersion == 1, fields.listMembers("transfer-encoding") == ["chunked"] else {
                throw .transferCoding
            }
            return .chunked
        }
        do {
            return try contentLength(fields).map(BodyFraming.length) ?? .untilClose
        } catch {
            throw .contentLength
        }
    }

    private struct InvalidLength: Error {}

    /// Repeated and listed values collapse to one when they are identical.
    private static func contentLength(_ fields: [HeadField]) throws(InvalidLength) -> Int? {
        var length: Int?
        for field in fields where field.name == "content-length" {
            for part in field.value.split(separator: ",", omittingEmptySubsequences: false) {
                let digits = part.trimmingBlanks()
                guard !digits.isEmpty, digits.utf8.allSatisfy(\.isDigit), let value = Int(digits) else {
                    throw InvalidLength()
                }
                guard length == nil || length == value else { throw InvalidLength() }
                length = value
            }
        }
        return length
    }
}
