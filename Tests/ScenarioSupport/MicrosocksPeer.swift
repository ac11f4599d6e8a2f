/// A real microsocks: SOCKS5 with a user name and a password of its own.
package final class MicrosocksPeer {
    package let port: UInt16
    private let program: ForegroundProgram

    package init(folder: String, password: String) throws {
        port = try Ports.reserve()
        program = try ForegroundProgram(
            "microsocks",
            ["-i", SocketAddress.loopback, "-p", "\(port)", "-u", Canary.user, "-P", password],
            port: port,
            folder: folder
        )
    }

    package func stop() {
        program.stop()
    }
}
