/// What a load of connects has seen.
package struct LoadResult: Sendable {
    /// Complete exchanges by port.
    package var succeeded: [UInt16: Int] = [:]
    package var failed = 0
    /// The first failures in words.
    package var failures: [String] = []
    /// The longest time from the start of a connect to the end of its exchange.
    package var slowest: Duration = .zero

    package func succeeded(at port: UInt16) -> Int {
        succeeded[port, default: 0]
    }
}
