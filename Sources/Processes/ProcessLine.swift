/// A line that a program wrote, without its end; broken bytes are replaced.
package struct ProcessLine: Hashable, Sendable {
    /// The most bytes of one line; a longer one arrives in parts.
    package static let limit = 8 * 1024

    package var text: String
    /// True for standard error.
    package var isError: Bool
    /// True when the line goes on in the next one.
    package var isPart: Bool

    package init(text: String, isError: Bool, isPart: Bool) {
        self.text = text
        self.isError = isError
        self.isPart = isPart
    }
}
