import YAML

/// A text with expressions in it, taken apart.
struct Template {
    /// A part of a template.
    enum Piece {
        case literal(String)
        /// `position` is where the `${` stands.
        case expression(Expression, Position)
    }

    var pieces: [Piece] = []

    /// Takes `text`, the scalar of `node`, apart; what is wrong goes to the log, and the result is nil.
    static func parsed(_ text: String, at node: Node, source: SourceText, log: DiagnosticLog) -> Template? {
        guard text.contains("${") else { return Template(pieces: [.literal(text)]) }
        let scalars = Array(text.unicodeScalars)
        var template = Template()
        var literal = String.UnicodeScalarView()
        var isValid = true
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
            let position = source.position(of: index, in: text, at: node.position)
            guard let end = scalars[index...].firstIndex(of: "}") else {
                log.report(
                    position,
                    "cannot find the end of this expression: close it with `}`, or write `$${` for a plain `${`"
                )
                return nil
            }
            var content = String.UnicodeScalarView()
            content.append(contentsOf: scalars[(index + 2)..<end])
            template.pieces.append(.literal(String(literal)))
            literal = String.UnicodeScalarView()
            switch Expression.parsed(String(content)) {
            case .success(let expression): template.pieces.append(.expression(expression, position))
            case .failure(let problem):
                log.report(position, problem.message)
                isValid = false
            }
            index = end + 1
        }
        template.pieces.append(.literal(String(literal)))
        return isValid ? template : nil
    }
}
