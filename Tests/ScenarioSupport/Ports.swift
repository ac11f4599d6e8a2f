import Glibc
import Synchronization

/// Free ports for configurations, which must name their ports before anything is bound.
///
/// They are taken below the range from which the kernel chooses the local ports of outgoing connections: thousands
/// of connects run during a scenario, and any of them could otherwise sit on a port that was free a moment ago.
package enum Ports {
    private static let first: UInt32 = 10_000
    private static let count: UInt32 = 20_000
    /// The one in the range that browsers refuse to connect to.
    private static let blocked: UInt16 = 10_080
    private static let next = Atomic<UInt32>(0)

    /// A port that was free on all addresses when it was tried.
    package static func reserve() throws -> UInt16 {
        // Two runs on one machine begin at different places.
        let start = UInt32(truncatingIfNeeded: getpid()) &* 97
        for _ in 0..<count {
            let step = next.add(1, ordering: .relaxed).oldValue
            let port = UInt16(first + (start &+ step) % count)
            if try port != blocked && isFree(port) { return port }
        }
        throw ScenarioFailure("cannot find a free port between \(first) and \(first + count)")
    }

    package static func reserve(_ number: Int) throws -> [UInt16] {
        try (0..<number).map { _ in try reserve() }
    }

    /// The first of some free ports that follow each other, as those of the instances of a service.
    package static func reserve(inARow number: Int) throws -> UInt16 {
        var row = try [reserve()]
        // Two tries of each port are enough for a machine that is not full of them.
        for _ in 0..<2 * count {
            if row.count == number { return row[0] }
            let port = try reserve()
            row = port == row[row.count - 1] + 1 ? row + [port] : [port]
        }
        throw ScenarioFailure("cannot find \(number) free ports in a row")
    }

    package static func isFree(_ port: UInt16) throws -> Bool {
        let descriptor = socket(AF_INET, SocketAddress.streamType, 0)
        guard descriptor >= 0 else { throw ScenarioFailure("cannot open a socket: \(SystemError.text(errno))") }
        defer { close(descriptor) }
        return try SocketAddress.with("0.0.0.0", port) { bind(descriptor, $0, $1) == 0 }
    }
}
