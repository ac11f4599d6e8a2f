package import Glibc

/// A process that is not ours and holds a port.
package final class ForeignListener {
    private let process: ChildProcess

    package init(port: UInt16, address: String = SocketAddress.loopback, folder: String) throws {
        let program = """
            import signal, socket
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("\(address)", \(port)))
            listener.listen()
            print("holding", flush=True)
            signal.pause()
            """
        let output = folder + "/foreign-\(port)"
        let process = try ChildProcess(
            Command(
                Command.program("python3"),
                ["-c", program],
                environment: ["PATH": "/usr/bin:/bin"],
                outputPath: output,
                errorPath: output
            )
        )
        self.process = process
        try Facts.wait(for: "a foreign process holds port \(port)") {
            guard process.statusIfEnded() == nil else {
                throw ScenarioFailure("cannot hold port \(port): \(FileText.readIfPresent(output) ?? "")")
            }
            return (FileText.readIfPresent(output) ?? "").contains("holding")
        }
    }

    package var pid: pid_t { process.pid }
    package var command: String { get throws { try ProcessTable.command(of: pid) } }

    package func release() {
        process.kill()
    }
}
