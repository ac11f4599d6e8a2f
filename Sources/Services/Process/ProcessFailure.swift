/// How a program failed: a text that starts with `cannot` and ends with what to do, without secrets.
struct ProcessFailure: Error, Hashable, Sendable, CustomStringConvertible {
    let description: String
}
