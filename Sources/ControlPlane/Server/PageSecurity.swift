import HTTPTypes

/// What a browser is told about everything that comes from the status page's address.
enum PageSecurity {
    /// The header fields of each answer.
    static let fields: HTTPFields = {
        var fields: HTTPFields = [
            .contentSecurityPolicy: StatusPage.contentSecurityPolicy,
            .xContentTypeOptions: "nosniff",
            .cacheControl: "no-store",
        ]
        if let name = HTTPField.Name("Referrer-Policy") { fields[name] = "no-referrer" }
        return fields
    }()
}
