import Addresses
import ServiceConfiguration

/// A question to a running program that it answers well or badly.
enum Probe: Hashable, Sendable {
    /// Good when the address accepts a connection.
    case tcp(Destination)
    /// Good when the URL answers with a status of 200 to 399.
    case http(ProbeURL)
    /// Good when the program exits with 0.
    case command(program: String, arguments: [Secret])

    /// Nil for a fact that is not asked for: the program runs, or says so itself.
    init?(_ fact: ReadySettings.Fact) {
        switch fact {
        case .started, .notify, .log: return nil
        case .tcp(let destination): self = .tcp(destination)
        case .http(let url): self = .http(url)
        }
    }

    init(_ check: HealthSettings.Check) {
        switch check {
        case .tcp(let destination): self = .tcp(destination)
        case .http(let url): self = .http(url)
        case .command(let program, let arguments): self = .command(program: program, arguments: arguments)
        }
    }
}

extension Probe: CustomStringConvertible {
    /// What is asked, without arguments and queries, which may carry secrets.
    var description: String {
        switch self {
        case .tcp(let destination): destination.description
        case .http(let url): url.textWithoutQuery
        case .command(let program, _): program
        }
    }
}
