import Addresses
import HTTPTypes
import Hummingbird

/// The values behind the `?` of a request: strict, so that a typing error is no silent default.
struct QueryValues {
    private var values: [String: String] = [:]

    /// - Parameters:
    ///   - query: The text behind the `?`, if there is one.
    ///   - names: Those that the path knows.
    /// - Throws: `RefusedRequest` for anything else, and for what is there twice or not well-formed.
    init(_ query: String?, names: [String]) throws {
        for part in (query ?? "").split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = pair.first.flatMap({ PercentText.value($0) }), names.contains(name) else {
                let known =
                    names.isEmpty ? "this path has none" : "use \(names.map { "`\($0)`" }.joined(separator: ", "))"
                throw RefusedRequest(.badRequest, .badRequest, "cannot use a parameter of this request: \(known)")
            }
            guard let value = PercentText.value(pair.count == 2 ? pair[1] : ""), values[name] == nil else {
                let advice = "write it once, percent-encoded"
                throw RefusedRequest(.badRequest, .badRequest, "cannot read the parameter `\(name)`: \(advice)")
            }
            values[name] = value
        }
    }

    subscript(name: String) -> String? { values[name] }

    /// True for `1` or `true`, or the name alone.
    func flag(_ name: String) throws -> Bool {
        switch values[name] {
        case nil, "0", "false": return false
        case "", "1", "true": return true
        case _?: throw RefusedRequest(.badRequest, .badRequest, "cannot read the parameter `\(name)`: write 1 or 0")
        }
    }

    func number(_ name: String, in range: ClosedRange<UInt64>) throws -> UInt64? {
        guard let text = values[name] else { return nil }
        guard let number = UInt64(text), range.contains(number) else {
            let advice = "write a number from \(range.lowerBound) to \(range.upperBound)"
            throw RefusedRequest(.badRequest, .badRequest, "cannot read the parameter `\(name)`: \(advice)")
        }
        return number
    }
}
