/// How a running child does, as it reports itself.
public enum ChildCondition: Hashable, Sendable {
    /// Nothing to report; every life starts so.
    case fine
    /// It runs and fails its checks; the text says which.
    case unhealthy(String)
    /// Its watchdog or its event loop has been silent past the limit; the text says which.
    case blocked(String)
}
