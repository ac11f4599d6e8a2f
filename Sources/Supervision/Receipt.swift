/// A proof that something a service held has been released.
///
/// Only the releasing method makes one: `consuming func close()` of a listener, `consuming func wait()` of a child
/// process. A service cannot end without its receipts, so forgetting to release does not compile.
public protocol Receipt: ~Copyable, Sendable {}
