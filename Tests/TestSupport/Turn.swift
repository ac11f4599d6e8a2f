/// What a test does while it waits for a fact that nobody announces.
package enum Turn {
    /// Lets others go on; throws when the test's time is over, so that its wait ends with it.
    package static func next() async throws {
        try Task.checkCancellation()
        await Task.yield()
    }
}
