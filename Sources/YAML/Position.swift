/// A place in a text: line and column, both counted from 1; the column counts code points.
package struct Position: Hashable, Sendable, Comparable {
    /// The number of the text among those that are read together, so that the nodes of several can be one tree.
    package var source: Int
    package var line: Int
    package var column: Int

    package init(source: Int = 0, line: Int, column: Int) {
        self.source = source
        self.line = line
        self.column = column
    }

    package static func < (left: Position, right: Position) -> Bool {
        (left.source, left.line, left.column) < (right.source, right.line, right.column)
    }
}
