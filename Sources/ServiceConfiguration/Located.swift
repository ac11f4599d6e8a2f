/// A value with the place it was written at.
///
/// Two located values are equal when their values are: moving a line changes nothing that runs.
package struct Located<Value: Hashable & Sendable>: Sendable {
    package var value: Value
    package var position: SourcePosition

    package init(_ value: Value, at position: SourcePosition) {
        self.value = value
        self.position = position
    }
}

extension Located: Hashable {
    package static func == (left: Self, right: Self) -> Bool { left.value == right.value }

    package func hash(into hasher: inout Hasher) { hasher.combine(value) }
}
