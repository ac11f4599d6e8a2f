/// How a service ended; either way it has released what it held.
public enum Exit: ~Copyable, Sendable {
    case normal(Stopped)
    case crashed(Stopped, any Error)
}
