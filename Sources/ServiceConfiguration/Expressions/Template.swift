import YAML

/// A text with expressions in it, taken apart.
struct Template {
    /// A part of a template.
    enum Piece {
        case literal(String)
        /// `position` is where the `${` stands.
        case expression(Expression, Position)
    }

    /// Longer than any path or default that fits on a line: no text makes work that one cannot see in it.
    static let expressionLimit = 256
    /// More than an address or a URL has parts: what each instance costs stays in proportion to the file.
    static let expressionCountLimit = 16

    var pieces: [Piece] = []

    /// True when nothing in it depends on an instance or on a service, whose address may.
    var isSameForAll: Bool {
        pieces.allSatisfy { piece in
            switch piece {
            case .literal, .expression(.environment, _), .expression(.file, _): true
            case .expression(.arithmetic, _), .expression(.service, _): false
            }
        }
    }

    /// Takes `text`, the scalar of `node`, apart; what is wrong goes to the log, and the result is nil.
    ///
    /// `source` is the text of the file, asked for only when there is an expression.
    static func parsed(
        _ text: String,
        at node: Node,
        source: @autoclosure () -> SourceText,
        log: DiagnosticLog
    ) -> Template? {
        guard text.contains("${") else { return Template(pieces: [.literal(text)]) }
        let scalars = Array(text.unicodeScalars)
        var template = Template()
        var literal = String.UnicodeScalarView()
        var isValid = true
        var count = 0
        var index = 0
        while index < scalars.count {
            if scalars[index...].starts(with: "$${".unicodeScalars) {
                literal.append(contentsOf: "${".unicodeScalars)
                index += 3
                continue
            }
            guard scalars[index...].starts(with: "${".unicodeScalars) else {
                literal.append(scalars[index])
                index += 1
                continue
            }
            let position = source().position(of: index, in: text, at: node.position)
            count += 1
            let content: String
            switch Self.content(of: scalars, from: index + 2, number: count) {
            case .success(let text): content = text
            case .failure(let problem):
                log.report(position, problem.message)
                return nil
            }
            template.pieces.append(.literal(String(literal)))
            literal = String.UnicodeScalarView()
            switch Expression.parsed(content) {
            case .success(let expression): template.pieces.append(.expression(expression, position))
            case .failure(let problem):
                log.report(position, problem.message)
                isValid = false
            }
            index += content.unicodeScalars.count + 3
        }
        template.pieces.append(.literal(String(literal)))
        return isValid ? template : nil
    }

    /// What stands between `${` and `}`, the expression with this number in its text.
    private static func content(
        of scalars: [Unicode.Scalar],
        from start: Int,
        number: Int
    ) -> Result<String, Expression.Problem> {
        guard number <= expressionCountLimit else {
            let limit = "cannot use more than \(expressionCountLimit) expressions in one value"
            return .failure(Expression.Problem(message: "\(limit): write a part of it as text"))
        }
        guard let end = scalars[start...].firstIndex(of: "}") else {
            let advice = "close it with `}`, or write `$${` for a plain `${`"
            return .failure(Expression.Problem(message: "cannot find the end of this expression: \(advice)"))
        }
        var content = String.UnicodeScalarView()
        content.append(contentsOf: scalars[start..<end])
        guard String(content).utf8.count <= expressionLimit else {
            let limit = "cannot use an expression of over \(expressionLimit) bytes"
            return .failure(Expression.Problem(message: "\(limit): shorten it, or put the value in a variable"))
        }
        return .success(String(content))
    }
}
