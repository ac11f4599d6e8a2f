import NIOCore

/// When a connection got how far, and what its proxy said when it refused.
struct OpeningFacts {
    private(set) var dialled: NIODeadline?
    private(set) var replied: NIODeadline?
    /// The TLS handshake was done.
    private(set) var secured: NIODeadline?
    private(set) var firstByte: NIODeadline?
    var diagnostics = UpstreamDiagnostics()

    mutating func markDialled() {
        if dialled == nil { dialled = .now() }
    }

    mutating func markReplied() {
        if replied == nil { replied = .now() }
    }

    mutating func markSecured() {
        if secured == nil { secured = .now() }
    }

    mutating func markFirstByte() {
        if firstByte == nil { firstByte = .now() }
    }
}
