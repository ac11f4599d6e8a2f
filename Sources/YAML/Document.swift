/// A YAML text as positioned nodes, with everything that is wrong with it.
package struct Document: Sendable {
    /// The root node, absent when the text is empty or cannot be parsed to its end.
    package var root: Node?
    /// Every problem, in the order of the text; a duplicate key does not hide the problems after it.
    package var errors: [SyntaxError]

    /// Parses UTF-8 bytes; whatever they hold, this returns, with a root, with errors, or empty for an empty text.
    ///
    /// All positions carry `number`, which tells this text from others that are read together.
    package init(parsing bytes: [UInt8], source number: Int = 0) {
        let start = Position(source: number, line: 1, column: 1)
        guard bytes.count <= Limits.fileBytes else {
            root = nil
            errors = [
                SyntaxError(
                    at: start,
                    "cannot read a file of \(bytes.count) bytes: keep it within \(Limits.fileBytes) bytes (1 MiB)"
                )
            ]
            return
        }
        let source = SourceText(bytes, number: number)
        if let encoding = source.foreignEncoding {
            root = nil
            errors = [
                SyntaxError(
                    at: start,
                    "cannot read \(encoding) text: save the file as UTF-8"
                )
            ]
            return
        }
        var composer = Composer(source)
        root = composer.compose()
        errors = composer.sortedErrors
    }
}
