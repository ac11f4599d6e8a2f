package import ServiceConfiguration

/// Why a service cannot be prepared, with the place in the file that asks for what is not there.
package struct PreparationError: Error, Hashable, Sendable {
    package var position: SourcePosition
    /// Starts with `cannot`, ends with what to do.
    package var message: String

    package init(at position: SourcePosition, _ message: String) {
        self.position = position
        self.message = message
    }
}

extension PreparationError: CustomStringConvertible {
    package var description: String { message }
}
