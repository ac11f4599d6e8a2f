import Glibc

/// A real dante: SOCKS5 with a user name and a password, and the one peer that keeps half-closed connections.
///
/// It knows the users of the system only. So it runs in a mount namespace of its own, in which the system has two: no
/// account of the machine is made or changed. Who is not root is it in a user namespace, where there is nobody else.
package final class DantePeer {
    package let port: UInt16
    private let program: ForegroundProgram

    package init(folder: String, password: String) throws {
        port = try Ports.reserve()
        let output = folder + "/hash"
        let status = try ChildProcess.run(
            Command(Command.program("openssl"), ["passwd", "-6", password], outputPath: output)
        )
        guard status == .exited(0) else { throw ScenarioFailure("cannot hash a password: openssl \(status)") }
        let hash = try FileText.read(output).prefix { $0 != "\n" }
        let users = [("root", "0", "*"), ("nobody", "65534", "*"), (Canary.user, "7777", String(hash))]
        try FileText.write(
            users.map { "\($0.0):x:\($0.1):\($0.1)::/:/bin/sh\n" }.joined(),
            to: folder + "/passwd"
        )
        try FileText.write(users.map { "\($0.0):\($0.2):19000:0:99999:7:::\n" }.joined(), to: folder + "/shadow")
        try FileText.write(Self.configuration(folder: folder, port: port), to: folder + "/danted.conf")
        let mount = "mount --bind passwd /etc/passwd && mount --bind shadow /etc/shadow"
        program = try ForegroundProgram(
            "unshare",
            (getuid() == 0 ? [] : ["--map-root-user"])
                + ["--mount", "sh", "-c", "\(mount) && exec danted -f danted.conf -p danted.pid"],
            port: port,
            folder: folder
        )
    }

    package func stop() {
        program.stop()
    }

    private static func configuration(folder: String, port: UInt16) -> String {
        """
        logoutput: \(folder)/danted.log
        internal: 127.0.0.1 port = \(port)
        external: lo
        clientmethod: none
        socksmethod: username
        user.privileged: root
        user.unprivileged: \(getuid() == 0 ? "nobody" : "root")
        client pass {
            from: 127.0.0.0/8 to: 127.0.0.0/8
            log: error
        }
        socks pass {
            from: 127.0.0.0/8 to: 127.0.0.0/8
            protocol: tcp
            command: connect
            log: error
        }
        socks block {
            from: 0.0.0.0/0 to: 0.0.0.0/0
            log: error
        }

        """
    }
}
