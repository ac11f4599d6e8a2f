import Addresses
import Sockets
import Synchronization

/// Ports for tests that must name one before it is bound.
///
/// They lie below the kernel's ephemeral range, from which it chooses for everybody else, and each is given out once.
package enum FreePort {
    private static let range = UInt16(20_000)..<30_000
    private static let last = Mutex(UInt16.random(in: range))

    /// A port that nobody has bound on any IPv4 address.
    package static func next() throws -> UInt16 {
        let calls = LinuxSocketCalls()
        while true {
            let port = last.withLock { last in
                last = last + 1 < range.upperBound ? last + 1 : range.lowerBound
                return last
            }
            let address = ListenAddress.tcp(.v4(0), port: port)
            let descriptor = try calls.socket(for: address)
            defer { calls.close(descriptor) }
            do throws(SystemCallError) {
                try calls.bind(descriptor, to: address)
                return port
            } catch {
                // Taken: the next one.
            }
        }
    }
}
