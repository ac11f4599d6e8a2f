import Glibc

/// What the kernel answered to a connect.
package struct ConnectFailure: Error, CustomStringConvertible {
    package let code: Int32
    package let address: String

    package var description: String { "cannot connect to \(address): \(SystemError.text(code))" }

    /// Whether a connect to the port is refused now.
    package static func isRefused(port: UInt16, at address: String = SocketAddress.loopback) throws -> Bool {
        do {
            let client = try ClientSocket(to: port, at: address, limit: .seconds(1))
            client.close()
            return false
        } catch let failure as ConnectFailure {
            return failure.code == ECONNREFUSED
        }
    }
}
