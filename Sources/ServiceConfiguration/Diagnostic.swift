/// Something wrong in a configuration, with the place where it stands.
package struct Diagnostic: Hashable, Sendable {
    package var position: SourcePosition
    /// One sentence that starts with "cannot" and ends with what to do; never contains a secret.
    package var message: String

    package init(at position: SourcePosition, _ message: String) {
        self.position = position
        self.message = message
    }
}

extension Diagnostic: CustomStringConvertible {
    /// As in `services.yaml:14:13: cannot ...`.
    package var description: String { "\(position): \(message)" }
}
