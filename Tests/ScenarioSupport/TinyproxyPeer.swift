import Glibc

/// A real tinyproxy; a new credential is a restart on the same port.
package final class TinyproxyPeer: UpstreamPeer {
    package let port: UInt16
    package let refusal = 401
    private let folder: String
    private var process: ChildProcess

    package init(folder: String, password: String) throws {
        self.folder = folder
        port = try Ports.reserve()
        process = try Self.start(folder: folder, port: port, password: password)
    }

    package func rotate(to password: String) throws {
        stop()
        process = try Self.start(folder: folder, port: port, password: password)
    }

    package func stop() {
        process.send(SIGTERM)
        do { _ = try process.waitForExit(within: .seconds(2)) } catch { process.kill() }
    }

    private static func start(folder: String, port: UInt16, password: String) throws -> ChildProcess {
        try FileText.write(
            """
            Port \(port)
            Listen 127.0.0.1
            Timeout 600
            Allow 127.0.0.1
            BasicAuth \(Canary.user) \(password)
            ViaProxyName "peer"
            LogFile "\(folder)/tinyproxy.log"
            LogLevel Info
            MaxClients 50

            """,
            to: folder + "/tinyproxy.conf"
        )
        let process = try ChildProcess(
            Command(
                Command.program("tinyproxy"),
                ["-d", "-c", folder + "/tinyproxy.conf"],
                environment: ["PATH": "/usr/sbin:/usr/bin:/bin"],
                directory: folder,
                outputPath: folder + "/tinyproxy.out",
                errorPath: folder + "/tinyproxy.out"
            )
        )
        try Facts.wait(for: "tinyproxy accepts at port \(port)") {
            guard process.statusIfEnded() == nil else {
                throw ScenarioFailure(
                    "cannot run tinyproxy: \(FileText.readIfPresent(folder + "/tinyproxy.out") ?? "")"
                        + (FileText.readIfPresent(folder + "/tinyproxy.log") ?? "")
                )
            }
            return try !ConnectFailure.isRefused(port: port)
        }
        return process
    }
}
