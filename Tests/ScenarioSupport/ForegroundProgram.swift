import Glibc

/// A program of the machine that serves at a port, in the foreground and with its output in a file.
final class ForegroundProgram {
    private let process: ChildProcess

    /// Starts the program and waits until it accepts at its port.
    init(_ name: String, _ arguments: [String], port: UInt16, folder: String) throws {
        let output = "\(folder)/\(name).out"
        let process = try ChildProcess(
            Command(
                Command.program(name),
                arguments,
                environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"],
                directory: folder,
                outputPath: output,
                errorPath: output
            )
        )
        self.process = process
        try Facts.wait(for: "\(name) accepts at port \(port)") {
            guard process.statusIfEnded() == nil else {
                throw ScenarioFailure("cannot run \(name): \(FileText.readIfPresent(output) ?? "")")
            }
            return try !ConnectFailure.isRefused(port: port)
        }
    }

    func stop() {
        process.send(SIGTERM)
        do { _ = try process.waitForExit(within: .seconds(5)) } catch { process.kill() }
    }
}
