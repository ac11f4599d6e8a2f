import Glibc

/// A real squid; a new credential is a new password file and a reconfiguration.
package final class SquidPeer: UpstreamPeer {
    package let port: UInt16
    package let refusal = 407
    private let folder: String
    private let process: ChildProcess

    package convenience init(folder: String, password: String) throws {
        try self.init(folder: folder, passwords: [Canary.user: password])
    }

    /// A squid with the passwords of some users, and host names that it alone knows, in the form of `/etc/hosts`.
    package init(folder: String, passwords: [String: String], hosts: String = "") throws {
        self.folder = folder
        port = try Ports.reserve()
        try Self.write(passwords: passwords, to: folder)
        try FileText.write(hosts, to: folder + "/hosts")
        let names = hosts.split(whereSeparator: \.isWhitespace).map(String.init)
        try FileText.write(Self.configuration(folder: folder, port: port, names: names), to: folder + "/squid.conf")
        // As root, squid changes to the user `proxy`, which must be able to write here.
        if getuid() == 0, let user = getpwnam("proxy") {
            guard chown(folder, user.pointee.pw_uid, user.pointee.pw_gid) == 0 else {
                throw ScenarioFailure("cannot give \(folder) to squid's user: \(SystemError.text(errno))")
            }
        }
        process = try ChildProcess(
            Command(
                Command.program("squid"),
                ["-N", "-f", folder + "/squid.conf"],
                environment: ["PATH": "/usr/sbin:/usr/bin:/bin"],
                directory: folder,
                outputPath: folder + "/squid.out",
                errorPath: folder + "/squid.out"
            )
        )
        try awaitAccepting(times: 1)
    }

    package func rotate(to password: String) throws {
        try rotate(to: [Canary.user: password])
    }

    /// Makes other passwords the only valid ones.
    package func rotate(to passwords: [String: String]) throws {
        let times = acceptingLines()
        try Self.write(passwords: passwords, to: folder)
        process.send(SIGHUP)
        try awaitAccepting(times: times + 1)
    }

    package func stop() {
        process.send(SIGTERM)
        do { _ = try process.waitForExit(within: .seconds(5)) } catch { process.kill() }
    }

    /// The users whose requests for an URL squid has let pass, in order.
    ///
    /// Waits for the first one: squid writes its log after the client has the answer.
    package func users(requesting url: String) throws -> [String] {
        _ = try Facts.comes(within: .seconds(10)) { !logged(url).isEmpty }
        return logged(url)
    }

    private func logged(_ url: String) -> [String] {
        (FileText.readIfPresent(folder + "/access.log") ?? "").split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            return fields.count > 7 && fields[6] == url && fields[3].hasSuffix("/200") ? String(fields[7]) : nil
        }
    }

    private func acceptingLines() -> Int {
        (FileText.readIfPresent(folder + "/cache.log") ?? "").split(separator: "\n")
            .count { $0.contains("Accepting HTTP Socket connections") }
    }

    private func awaitAccepting(times: Int) throws {
        try Facts.wait(for: "squid accepts at port \(port)", within: .seconds(20)) {
            guard process.statusIfEnded() == nil else {
                throw ScenarioFailure("cannot run squid: \(FileText.readIfPresent(folder + "/squid.out") ?? "")")
            }
            return acceptingLines() >= times
        }
    }

    private static func write(passwords: [String: String], to folder: String) throws {
        try FileText.write("", to: folder + "/passwd")
        for (user, password) in passwords {
            let status = try ChildProcess.run(
                Command(Command.program("htpasswd"), ["-b", folder + "/passwd", user, password])
            )
            guard status == .exited(0) else {
                throw ScenarioFailure("cannot write a password file: htpasswd \(status)")
            }
        }
    }

    private static func configuration(folder: String, port: UInt16, names: [String]) -> String {
        """
        http_port 127.0.0.1:\(port)
        auth_param basic program /usr/lib/squid/basic_ncsa_auth \(folder)/passwd
        auth_param basic realm peer
        auth_param basic children 2 startup=1 idle=1
        auth_param basic credentialsttl 1 second
        acl authed proxy_auth REQUIRED
        acl loop dst 127.0.0.0/8
        acl known dstdomain -n \(([SocketAddress.loopback] + names).joined(separator: " "))
        http_access deny !authed
        http_access deny !known
        http_access allow authed loop
        http_access deny all
        cache deny all
        forwarded_for delete
        pid_filename \(folder)/squid.pid
        access_log stdio:\(folder)/access.log
        cache_log \(folder)/cache.log
        cache_store_log none
        coredump_dir \(folder)
        shutdown_lifetime 1 seconds
        visible_hostname peer
        pinger_enable off
        netdb_filename none
        dns_nameservers 127.0.0.1
        hosts_file \(folder)/hosts
        cache_mem 8 MB

        """
    }
}
