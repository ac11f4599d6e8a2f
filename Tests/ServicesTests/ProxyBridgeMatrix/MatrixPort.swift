import Glibc
import NIOCore

/// A port of 127.0.0.1 that is held by a socket without a task behind it.
final class MatrixPort: Sendable {
    let number: Int
    private let descriptor: Int32

    /// Makes a port at which connects are refused, or one that takes them and counts them.
    init(listens: Bool) throws {
        (descriptor, number) = try LoopbackSocket.bound()
        guard !listens || listen(descriptor, 1024) == 0 else {
            throw IOError(errnoCode: errno, reason: "cannot hold a port")
        }
    }

    deinit {
        close(descriptor)
    }

    /// Takes the connections that have come, and says how many there were.
    func takeConnections() -> Int {
        var count = 0
        while case let accepted = accept(descriptor, nil, nil), accepted >= 0 {
            close(accepted)
            count += 1
        }
        return count
    }
}
