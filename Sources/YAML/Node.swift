/// One value of a YAML document with the place where it starts.
package struct Node: Sendable {
    /// The three shapes of a YAML value.
    package enum Content: Sendable {
        /// A scalar's text; `quoted` tells `"5"` from `5`.
        case scalar(String, quoted: Bool)
        case sequence([Node])
        /// The entries in the order of the text; keys are unique.
        case mapping([Entry])
    }

    /// One `key: value` of a mapping.
    package struct Entry: Sendable {
        package var key: String
        package var keyPosition: Position
        package var value: Node

        package init(key: String, keyPosition: Position, value: Node) {
            self.key = key
            self.keyPosition = keyPosition
            self.value = value
        }
    }

    package var content: Content
    package var position: Position

    package init(_ content: Content, at position: Position) {
        self.content = content
        self.position = position
    }
}
