/// The head of an upstream's reply.
struct ResponseHead: Hashable, Sendable {
    /// 0 or 1, of HTTP/1.
    let minorVersion: Int
    /// In 100...999.
    let status: Int
    /// As it came; often empty.
    let reason: [UInt8]
    let fields: [HeadField]

    /// Checks `HTTP/1.1 200 OK`; the reason and the space before it may be missing.
    init(line: [UInt8], fields: [HeadField]) throws(ResponseProblem) {
        guard line.starts(with: "HTTP/1.".utf8), 9 <= line.count else { throw .notHTTP }
        guard line[7] == UInt8(ascii: "0") || line[7] == UInt8(ascii: "1"), line[8] == 0x20 else { throw .notHTTP }
        let digits = line[9...].prefix { $0 != 0x20 }
        guard !digits.isEmpty, digits.allSatisfy(\.isDigit) else { throw .notHTTP }
        guard digits.count == 3, digits.first != UInt8(ascii: "0") else { throw .statusOutOfRange }
        minorVersion = Int(line[7] - UInt8(ascii: "0"))
        status = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        reason = Array(line.dropFirst(13))
        self.fields = fields
    }

    var isInformational: Bool { status / 100 == 1 }

    /// It changes to exactly the protocol that was asked for.
    func switches(to upgrade: String) -> Bool {
        status == 101 && fields.listMembers("upgrade") == [upgrade.lowercased()]
    }

    /// The upstream allows another request on its connection.
    var keepsAlive: Bool {
        let wishes = HopByHop.nominated(by: fields).union(fields.listMembers("proxy-connection"))
        return !wishes.contains("close") && (minorVersion == 1 || wishes.contains("keep-alive"))
    }
}
