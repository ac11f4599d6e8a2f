/// A client's request, checked: what to ask for, and the fields as they came.
struct RequestHead: Hashable, Sendable {
    let method: String
    let target: RequestTarget
    /// 0 or 1, of HTTP/1.
    let minorVersion: Int
    let fields: [HeadField]
    let framing: BodyFraming
    /// The client wants to use its connection again.
    let keepsAlive: Bool
    /// The other protocol that the client asks for and may get, as it wrote it; nil: none.
    let upgrade: String?
    /// How many more proxies may forward the request; nil: any number.
    let maxForwards: Int?
    /// The bytes that the head took.
    let size: Int

    init(line: [UInt8], fields: [HeadField], size: Int) throws(RequestProblem) {
        let start = try RequestLine(line)
        let hosts = fields.count { $0.name == "host" }
        guard hosts == 1 || (hosts == 0 && start.minorVersion == 0) else { throw .hostCount }
        if start.method != "CONNECT", let host = fields.first(where: { $0.name == "host" }) {
            // All targets served here have an authority, so an empty Host is wrong as well (RFC 9112 3.2). The Host of
            // a tunnel goes nowhere, and clients send odd ones.
            guard Authority(Array(host.value.utf8), defaultPort: 80) != nil else { throw .hostValue }
        }
        framing = try BodyFraming.ofRequest(fields, minorVersion: start.minorVersion)
        let nominated = HopByHop.nominated(by: fields)
        guard nominated.allSatisfy({ $0.utf8.allSatisfy(\.isTokenByte) }) else { throw .connectionValue }
        guard nominated.isDisjoint(with: HopByHop.neverNominated) else { throw .nominatedField }
        target = try RequestTarget.parse(method: start.method, start.target)
        method = start.method
        minorVersion = start.minorVersion
        maxForwards = try Self.maxForwards(fields, of: start.method)
        self.fields = fields
        self.size = size
        let mayUpgrade = method == "GET" && minorVersion == 1 && (framing == .none || framing == .length(0))
        upgrade = mayUpgrade && nominated.contains("upgrade") ? HopByHop.upgrade(in: fields) : nil
        let wishes = nominated.union(fields.listMembers("proxy-connection"))
        keepsAlive = !wishes.contains("close") && (start.minorVersion == 1 || wishes.contains("keep-alive"))
    }

    /// Only OPTIONS counts its hops here (RFC 9110 7.6.2): TRACE is refused, and in others the field means nothing.
    private static func maxForwards(_ fields: [HeadField], of method: String) throws(RequestProblem) -> Int? {
        let values = fields.filter { $0.name == "max-forwards" }.map(\.value)
        guard method == "OPTIONS", let value = values.first else { return nil }
        guard values.count == 1, !value.isEmpty, value.utf8.allSatisfy(\.isDigit) else { throw .maxForwards }
        return Int(value) ?? .max
    }

    /// There is no body that would be gone after the request was sent.
    var hasNoBody: Bool { framing == .none || framing == .length(0) }

    /// Asking twice does the same as asking once (RFC 9110 9.2.2).
    var isIdempotent: Bool { ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"].contains(method) }
}
