import Testing

/// Suites that run an endpoint, one after the other: each counts the sockets of the process.
@Suite(.serialized, .timeLimit(.minutes(2)))
enum EndpointTests {}
