/// The answer to a probe.
enum ProbeResult: Hashable, Sendable {
    case good
    /// What was wrong, as a sentence: `127.0.0.1:80 does not accept connections: connection refused`.
    case bad(String)
}
