/// Every connection of one service, from before its first byte until its channels have completely closed.
package final class ConnectionTable: Sendable {
    /// - Parameter limit: The slots; at the limit the service stops accepting until one is free.
    package init(service: String, limit: Int) {}

    /// A change of the limit takes effect at the next accept; open connections go on.
    package func setLimit(_ limit: Int) {}

    package var count: Int { 0 }

    /// Tells every idle connection to close and the others to finish what they do.
    package func drain() {}

    /// Suspends until the table is empty. When the task is cancelled, every connection is closed at once.
    ///
    /// - Returns: One line for each connection that had to be cut: id, peer, age, bytes unsent.
    package func empty() async -> [String] { [] }
}
