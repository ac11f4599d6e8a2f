/// A text that must never be printed: a password, or a user name that carries session tokens.
///
/// Every way to turn it into text gives `***`; `reveal` is the one door to the bytes, for the code that sends them.
package struct Secret: Hashable, Sendable {
    private let text: String

    package init(_ text: String) {
        self.text = text
    }

    /// Hands the text to `body`, which sends it and keeps no copy.
    package func reveal<Result, Failure: Error>(_ body: (String) throws(Failure) -> Result) throws(Failure) -> Result {
        try body(text)
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "***" }
    package var debugDescription: String { "***" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
