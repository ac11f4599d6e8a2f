/// What stands between `${` and `}`.
enum Expression {
    case environment(name: String, fallback: String?)
    case file(path: String)
    case arithmetic(Arithmetic)
    case service(name: String, part: ServicePart)

    /// Which part of a service's address is meant.
    enum ServicePart: String, CaseIterable {
        case address
        case host
        case port
    }

    /// Why an expression means nothing.
    struct Problem: Error {
        var message: String
    }

    static func parsed(_ text: String) -> Result<Expression, Problem> {
        if text.hasPrefix("env:") { return environment(String(text.dropFirst(4))) }
        if text.hasPrefix("file:") {
            let path = String(text.dropFirst(5))
            guard !path.isEmpty else {
                return .failure(Problem(message: "cannot read a file without a path: write `${file:PATH}`"))
            }
            return .success(.file(path: path))
        }
        if text.hasPrefix("service.") { return service(text.dropFirst(8)) }
        return Arithmetic.parsed(text).map { .arithmetic($0) }
    }

    private static func environment(_ text: String) -> Result<Expression, Problem> {
        let parts = text.firstRange(of: ":-")
        let name = String(text[..<(parts?.lowerBound ?? text.endIndex)])
        let isName = name.utf8.first.map { !Scalars.isDigit($0) } ?? false
        guard isName, name.utf8.allSatisfy({ $0 == UInt8(ascii: "_") || Scalars.isDigit($0) || isLetter($0) }) else {
            let advice = "write `${env:NAME}` or `${env:NAME:-default}` with letters, digits and `_` in the name"
            return .failure(Problem(message: "cannot read an environment variable of this name: \(advice)"))
        }
        return .success(.environment(name: name, fallback: parts.map { String(text[$0.upperBound...]) }))
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func service(_ text: Substring) -> Result<Expression, Problem> {
        let words = ServicePart.allCases.map(\.rawValue)
        guard let dot = text.lastIndex(of: "."),
            let part = ServicePart(rawValue: String(text[text.index(after: dot)...])),
            dot != text.startIndex
        else {
            let forms = Wording.alternatives(words.map { "`${service.NAME.\($0)}`" })
            return .failure(Problem(message: "cannot tell what this expression asks of the service: write \(forms)"))
        }
        return .success(.service(name: String(text[..<dot]), part: part))
    }
}
