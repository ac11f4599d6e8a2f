import ServiceConfiguration
import Testing

@testable import ServiceConfiguration

/// Breaks the examples in one place at a time: each break must be found, on its own line.
@Suite(.timeLimit(.minutes(1)))
struct MutationTests {
    struct Mutation: CustomTestStringConvertible {
        var name: String
        var text: String
        var line: Int
        /// An open quote swallows the lines below: where that shows is the first line that it makes nonsense of.
        var showsBelow = false

        var testDescription: String { "\(name) in line \(line)" }
    }

    /// One `key: value` of an example; the value is empty where the line ends after the key.
    private struct Field {
        var line: Int
        var before: String
        var key: String
        var value: String
        var after: String
    }

    private static func fields(of lines: [String]) -> [Field] {
        var fields: [Field] = []
        let known = SchemaKeys(Schema.root)
        for (number, line) in lines.enumerated() where !line.drop(while: { $0 == " " }).hasPrefix("#") {
            for match in line.matches(of: #/([a-z_]+):(?: |$)/#) where known.isKnown(String(match.output.1)) {
                let rest = line[match.range.upperBound...]
                let value = value(at: rest)
                fields.append(
                    Field(
                        line: number,
                        before: String(line[..<match.range.lowerBound]),
                        key: String(match.output.1),
                        value: String(value),
                        after: String(rest.dropFirst(value.count))
                    )
                )
            }
        }
        return fields
    }

    /// A quoted text or a list up to its end, otherwise what stands before the next separator; nothing for a mapping.
    private static func value(at text: Substring) -> Substring {
        let end: Substring.Index? =
            switch text.first {
            case "{"?: text.startIndex
            case "\""?: text.dropFirst().firstIndex(of: "\"").map(text.index(after:))
            case "["?: text.firstIndex(of: "]").map(text.index(after:))
            case _: text.firstIndex { $0 == "," || $0 == "}" }
            }
        return text[..<(end ?? text.endIndex)]
    }

    private static func mutations(of name: String) throws -> [Mutation] {
        let lines = try Reading.example(name).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var mutations: [Mutation] = []
        func add(_ kind: String, _ field: Field, _ replacement: String) {
            var changed = lines
            changed[field.line] = replacement
            let text = changed.joined(separator: "\n")
            let title = "\(name): \(kind) of \(field.key)"
            let showsBelow = kind == "open quote"
            mutations.append(Mutation(name: title, text: text, line: field.line + 1, showsBelow: showsBelow))
        }
        for field in fields(of: lines) {
            add("typing error", field, "\(field.before)\(field.key)q: \(field.value)\(field.after)")
            add("tab", field, "\t" + lines[field.line])
            let twice = field.value.isEmpty ? "{}" : field.value
            add("second value", field, "\(field.before)\(field.key): \(twice), \(field.key): \(twice)\(field.after)")
            guard !field.value.isEmpty else { continue }
            add("wrong type", field, "\(field.before)\(field.key): [[x]]\(field.after)")
            add("cut", field, "\(field.before)\(field.key):\(field.after)")
            add("open quote", field, "\(field.before)\(field.key): \"\(field.value)\(field.after)")
            if Scalars.duration(field.value) != nil || Scalars.decimal(field.value) != nil {
                add("out of range", field, "\(field.before)\(field.key): 99999999h\(field.after)")
                add("negative", field, "\(field.before)\(field.key): -1\(field.after)")
                add("leading zero", field, "\(field.before)\(field.key): 0\(field.value)1\(field.after)")
            }
        }
        return mutations
    }

    @Test
    func `every single mistake in an example is found on its line`() throws {
        let mutations = try Reading.examples.flatMap(Self.mutations)
        #expect(mutations.count >= 200)
        for mutation in mutations {
            guard case .rejected(let diagnostics) = Reading.outcome(mutation.text) else {
                Issue.record("accepted: \(mutation.testDescription)")
                continue
            }
            let lines = diagnostics.map(\.position.line)
            let isFound = mutation.showsBelow ? lines.contains { $0 >= mutation.line } : lines.contains(mutation.line)
            let isOne = diagnostics.count == 1
            #expect(isOne, "\(mutation.testDescription): \(diagnostics)")
            #expect(isFound, "\(mutation.testDescription): \(diagnostics)")
        }
    }

    @Test(arguments: Reading.examples)
    func `an example is accepted and says in its first line what it shows`(name: String) throws {
        let text = try Reading.example(name)
        #expect(text.hasPrefix("# "))
        #expect(try !Reading.configuration(text).services.isEmpty)
    }
}
