import Testing

/// The release binary from outside: real processes, sockets and signals, one scenario after the other.
///
/// `SUPERVISOR_BINARY` names the binary. No scenario sleeps: each waits for facts with a limit.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct ReleaseBinary {}
