/// A YAML text as positioned nodes, with everything that is wrong with it.
package struct Document: Sendable {
    /// The root node, absent when the text is empty or cannot be parsed at all.
    package var root: Node?
    /// Every problem, in the order of the text; a duplicate key does not hide the problems after it.
    package var errors: [SyntaxError]

    package init(parsing bytes: [UInt8]) {
        root = nil
        errors = []
    }
}
