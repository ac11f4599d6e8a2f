/// `method SP target SP version`, exactly.
struct RequestLine {
    let method: String
    let target: ArraySlice<UInt8>
    let minorVersion: Int

    init(_ line: [UInt8]) throws(RequestProblem) {
        let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, !parts[1].isEmpty else { throw .malformedLine }
        guard parts[0].allSatisfy(\.isTokenByte), !line.contains(0x09) else { throw .malformedLine }
        method = String(decoding: parts[0], as: UTF8.self)
        target = parts[1]
        switch String(decoding: parts[2], as: UTF8.self) {
        case "HTTP/1.0": minorVersion = 0
        case "HTTP/1.1": minorVersion = 1
        case let other: throw RequestLine.isVersion(other) ? .unsupportedVersion : .malformedLine
        }
    }

    private static func isVersion(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 8, text.hasPrefix("HTTP/") else { return false }
        return bytes[5].isDigit && bytes[6] == UInt8(ascii: ".") && bytes[7].isDigit
    }
}
