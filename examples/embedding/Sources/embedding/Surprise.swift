/// What this example did not expect.
struct Surprise: Error, CustomStringConvertible {
    var text: String

    var description: String { text }
}
