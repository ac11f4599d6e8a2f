import Addresses
import Logging
import NIOCore
import NIOPosix
import Sockets
import Synchronization

/// Logs connections that could not be made, so that a dead destination does not fill the disk.
final class DialFailureLog: Sendable {
    private struct State {
        var next = NIODeadline.distantPast
        var suppressed = 0
    }

    /// One line in this time; the next one tells how many were left out.
    private static let interval = TimeAmount.seconds(1)

    private let log: Logger
    private let state = Mutex(State())

    init(_ log: Logger) {
        self.log = log
    }

    func record(_ error: any Error, to destination: Destination, for connection: Connection) {
        let suppressed: Int? = state.withLock { state in
            let now = NIODeadline.now()
            guard now >= state.next else {
                state.suppressed += 1
                return nil
            }
            defer { state.suppressed = 0 }
            state.next = now + Self.interval
            return state.suppressed
        }
        guard let suppressed else { return }
        log.warning(
            "cannot connect to \(destination): \(Self.reason(of: error)); check that it listens there",
            metadata: ["id": "\(connection.id)", "client": "\(connection.peer)", "suppressed": "\(suppressed)"]
        )
    }

    private static func reason(of error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first { return reason(of: first.error) }
            if let resolution = error.dnsAError ?? error.dnsAAAAError { return reason(of: resolution) }
            return "no address found for \(error.host)"
        case ChannelError.connectTimeout(let limit):
            return "no answer within \(limit.nanoseconds / 1_000_000) ms"
        case BridgeFailure.nameNotResolved:
            return "no address found for the name"
        case BridgeFailure.nameTimeout:
            return "the name was not resolved in time"
        default:
            return "\(error)"
        }
    }
}
