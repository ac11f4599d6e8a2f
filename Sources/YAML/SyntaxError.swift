/// Why a text is not an acceptable YAML document.
package struct SyntaxError: Error, Hashable, Sendable {
    package var position: Position
    /// One sentence that starts with "cannot" and ends with what to do.
    package var message: String

    package init(at position: Position, _ message: String) {
        self.position = position
        self.message = message
    }
}
