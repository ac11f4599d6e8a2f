/// A clock that makes its own time source, with its types known to the compiler.
package protocol TimeSourceProvider: Sendable {
    func timeSource() -> TimeSource
}
