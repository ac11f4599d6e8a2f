/// Turns libyaml's problem into a place and a sentence that help whoever wrote the text.
///
/// libyaml names the token that it could not take; the mistake is often a little before it, and at the end of the text
/// it is the construct that was never closed.
struct Explanation {
    /// What the composer knows about the place where reading stopped.
    struct Place {
        var hasDocument: Bool
        /// Where the last scalar before the problem starts.
        var lastScalar: Position?
        /// The innermost open `[` or `{`.
        var openFlow: Position?
    }

    /// libyaml gives a key up after this many characters and then stumbles over its `:`.
    private static let simpleKeyCharacters = 1024

    private let problem: ParserProblem
    private let source: SourceText
    private let place: Place

    init(of problem: ParserProblem, in source: SourceText, at place: Place) {
        self.problem = problem
        self.source = source
        self.place = place
    }

    var error: SyntaxError {
        switch problem.stage {
        case .reader(let offset, let value): unreadable(at: source.position(ofByte: offset), value: value)
        case .memory: say("cannot parse the file, memory is exhausted: make the file smaller or give more memory")
        case .scanner, .parser: misread
        }
    }

    private var misread: SyntaxError {
        switch problem.problem {
        case "mapping values are not allowed in this context": strayColon
        case "did not find expected key", "did not find expected '-' indicator": strayText
        case "could not find expected ':'":
            say(
                at: problem.contextPosition,
                "cannot read this line as `key: value`: put a colon and a space after the key, or a space after `-`"
            )
        case "did not find expected ',' or ']'", "did not find expected ',' or '}'": brokenFlow
        case "did not find expected node content": missingValue
        case "did not find expected <document start>": strayDocument
        case "found character that cannot start any token": strayCharacter
        case "found a tab character that violates indentation",
            "found a tab character where an indentation space is expected":
            say(Sentence.indentingTab)
        case "found unexpected end of stream", "found unexpected document indicator": openQuote
        case "block sequence entries are not allowed in this context":
            say("cannot start a `-` list on this line: put its items on lines of their own, or write `[a, b]`")
        case "mapping keys are not allowed in this context":
            say("cannot use `?` here: write `key: value`, and put a text that starts with `?` in quotes")
        default: rare
        }
    }

    private var rare: SyntaxError {
        switch problem.context {
        case "while scanning a directive", "while scanning a %YAML directive", "while scanning a %TAG directive",
            "while parsing a %TAG directive":
            say(at: problem.contextPosition, Sentence.directive)
        case "while scanning an anchor": say(at: problem.contextPosition, quoting("&"))
        case "while scanning an alias": say(at: problem.contextPosition, quoting("*"))
        case "while scanning a tag", "while parsing a tag", "while parsing a node":
            say(at: problem.contextPosition, Sentence.tag)
        case "while parsing a quoted scalar":
            say("cannot read this escape: write `\\\\` for a backslash, or use single quotes")
        case "while scanning a block scalar":
            say("cannot read the header of this text block: write only `|` or `>`, then the text on the next lines")
        default:
            switch problem.problem {
            case "found incompatible YAML document", "found duplicate %YAML directive",
                "found duplicate %TAG directive":
                say(Sentence.directive)
            default: say("cannot parse the text (\(problem.problem)): correct the syntax here")
            }
        }
    }

    // MARK: Cases

    private func unreadable(at position: Position, value: Int) -> SyntaxError {
        guard problem.problem == "control characters are not allowed", let codePoint = UInt32(exactly: value) else {
            return say(at: position, "cannot read bytes that are not UTF-8: save the file as UTF-8")
        }
        return say(at: position, "cannot read the control character \(Sentence.name(of: codePoint)): remove it")
    }

    private var strayColon: SyntaxError {
        if problem.position.column > Self.simpleKeyCharacters { return say(Sentence.longKey) }
        guard let start = place.lastScalar, start.line < problem.position.line else {
            return say(
                "cannot read a second `key:` in one line: put it on a line of its own, or the value in quotes"
            )
        }
        return say(
            "cannot read a key in a line that continues the text from \(start.line):\(start.column): "
                + "indent it like the keys around it, and check that the line above is `key: value`"
        )
    }

    private var strayText: SyntaxError {
        switch source.byte(at: problem.position) {
        case UInt8(ascii: ":"): return say(Sentence.emptyKey)
        case UInt8(ascii: "-") where source.isFirstOnLine(problem.position):
            return say("cannot read a list item here: give the list a key, and all its items the same indentation")
        default:
            guard source.isFirstOnLine(problem.position) else {
                return say("cannot read text after the end of a value: put the whole value in one pair of quotes")
            }
            return say(
                "cannot place this line, its indentation fits nothing that is open: "
                    + "indent it like the block that starts at \(name(of: problem.contextPosition))"
            )
        }
    }

    private var brokenFlow: SyntaxError {
        let closing = problem.problem.hasSuffix("']'") ? "]" : "}"
        if isAtEnd { return unclosed(problem.contextPosition) }
        return say(
            "cannot go on with the `\(closing == "]" ? "[" : "{")` from \(name(of: problem.contextPosition)): "
                + "write `,` or `\(closing)` before this"
        )
    }

    private var missingValue: SyntaxError {
        if isAtEnd, let open = place.openFlow { return unclosed(open) }
        return say(Sentence.missingValue)
    }

    private var strayDocument: SyntaxError {
        if !place.hasDocument, let directive = source.firstDirective { return say(at: directive, Sentence.directive) }
        return say("cannot read anything after the end of the document: indent it like the first line, or remove it")
    }

    private var strayCharacter: SyntaxError {
        guard let byte = source.byte(at: problem.position), byte != 0x09 else { return say(tab) }
        return say(quoting(Character(Unicode.Scalar(byte))))
    }

    private var tab: String { source.isFirstOnLine(problem.position) ? Sentence.indentingTab : Sentence.tab }

    private var openQuote: SyntaxError {
        let quote = source.byte(at: problem.contextPosition) == UInt8(ascii: "'") ? "'" : "\""
        return say(at: problem.contextPosition, "cannot find the end of this quoted text: close it with `\(quote)`")
    }

    // MARK: Wording

    private var isAtEnd: Bool { source.byte(at: problem.position) == nil }

    private func unclosed(_ position: Position) -> SyntaxError {
        let isSequence = source.byte(at: position) == UInt8(ascii: "[")
        return say(
            at: position,
            isSequence
                ? "cannot find the end of this list: close it with `]`"
                : "cannot find the end of this mapping: close it with `}`"
        )
    }

    private func quoting(_ sign: Character) -> String {
        "cannot start a value with `\(sign)`: put the value in quotes"
    }

    private func name(of position: Position) -> String { "\(position.line):\(position.column)" }

    private func say(at position: Position? = nil, _ message: String) -> SyntaxError {
        SyntaxError(at: position ?? problem.position, message)
    }
}
