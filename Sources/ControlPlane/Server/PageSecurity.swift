import HTTPTypes
import Services

/// What a browser is told about everything that comes from the status page's address.
struct PageSecurity: Sendable {
    /// The header fields of each answer.
    let fields: HTTPFields

    /// - Parameter page: The document, whose inline styles and scripts are the only ones that run.
    init(of page: String) {
        let styles = Self.hashes(of: "style", in: page)
        let scripts = Self.hashes(of: "script", in: page)
        let policy = [
            "default-src 'none'", "style-src \(styles)", "script-src \(scripts)", "connect-src 'self'",
            "img-src data:", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
        ]
        var fields: HTTPFields = [
            .contentSecurityPolicy: policy.joined(separator: "; "),
            .xContentTypeOptions: "nosniff",
            .cacheControl: "no-store",
        ]
        if let name = HTTPField.Name("Referrer-Policy") { fields[name] = "no-referrer" }
        self.fields = fields
    }

    /// `'sha256-...'` for each element of that name, or `'none'`.
    private static func hashes(of element: String, in page: String) -> String {
        var hashes: [String] = []
        var rest = page[...]
        while let start = rest.firstRange(of: "<\(element)")?.upperBound {
            rest = rest[start...]
            guard let open = rest.firstIndex(of: ">"), let close = rest.firstRange(of: "</\(element)>") else { break }
            let content = rest[rest.index(after: open)..<close.lowerBound]
            hashes.append("'sha256-\(Base64.text(of: SHA256.digest(of: Array(content.utf8))))'")
            rest = rest[close.upperBound...]
        }
        return hashes.isEmpty ? "'none'" : hashes.joined(separator: " ")
    }
}
