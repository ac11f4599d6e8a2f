/// One field line of a head, kept as it came: case of the name, white space and bytes of the value.
struct HeadField: Hashable, Sendable {
    /// The line without its CRLF.
    let line: [UInt8]
    /// The name in lower case.
    let name: String

    /// - Returns: nil when the line is not `name ":" value` with a name that is a token (RFC 9110 5.6.2).
    init?(line: [UInt8]) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), 0 < colon else { return nil }
        guard line[..<colon].allSatisfy(\.isTokenByte) else { return nil }
        self.line = line
        name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
    }

    /// The value without the white space around it.
    var value: String {
        let text = line[(name.utf8.count + 1)...].drop { $0.isBlank }
        let end = text.lastIndex { !$0.isBlank }
        return end.map { String(decoding: text[...$0], as: UTF8.self) } ?? ""
    }

    /// The name as it was written.
    var writtenName: ArraySlice<UInt8> { line[..<name.utf8.count] }
}

extension Sequence<HeadField> {
    /// The members of a comma-separated list field, in lower case, over all its lines; empty members are dropped.
    func listMembers(_ name: String) -> [String] {
        self.filter { $0.name == name }
            .flatMap { $0.value.split(separator: ",") }
            .map { $0.trimmingBlanks().lowercased() }
            .filter { !$0.isEmpty }
    }

    func contains(name: String) -> Bool {
        contains { $0.name == name }
    }
}

extension UInt8 {
    /// A byte of a token (RFC 9110 5.6.2).
    var isTokenByte: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(self)
        }
    }

    var isBlank: Bool { self == 0x20 || self == 0x09 }

    var isDigit: Bool { (0x30...0x39).contains(self) }
}

extension Substring {
    func trimmingBlanks() -> Substring {
        let start = drop { $0 == " " || $0 == "\t" }
        guard let end = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return start[...end]
    }
}
