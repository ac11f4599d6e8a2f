/// The real curl as a client of a proxy.
package struct CurlClient: Sendable {
    private let folder: String

    package init(folder: String) {
        self.folder = folder
    }

    package struct Answer: Sendable {
        package let exitCode: Int32
        /// The status of the origin's answer, 0 when there was none.
        package let status: Int
        /// The status of the proxy's answer to CONNECT, 0 without CONNECT.
        package let connectStatus: Int
        package let body: String
        /// All heads that curl saw, the proxy's too.
        package let heads: String
    }

    /// Gets an URL through a proxy, with CONNECT or in the absolute form.
    ///
    /// The password is the canary user's at the proxy itself; without it, curl sends no credential.
    package func get(
        port: UInt16,
        path: String = "/",
        through proxyPort: UInt16,
        tunnel: Bool,
        password: String? = nil
    ) throws -> Answer {
        let (body, output, heads) = (folder + "/curl.body", folder + "/curl.out", folder + "/curl.heads")
        for path in [body, output, heads] { try FileText.write("", to: path) }
        var arguments = [
            "--silent", "--max-time", "10", "--noproxy", "", "--proxy", "http://127.0.0.1:\(proxyPort)",
            "--output", body, "--dump-header", heads, "--write-out", "%{http_code} %{http_connect}",
        ]
        if tunnel { arguments.append("--proxytunnel") }
        // curl decodes the credential as that of an URL.
        if let password { arguments += ["--proxy-user", Canary.user + ":" + Canary.percentEncoded(password)] }
        let status = try ChildProcess.run(
            Command(
                Command.program("curl"),
                arguments + ["http://127.0.0.1:\(port)\(path)"],
                environment: ["PATH": "/usr/bin:/bin", "HOME": folder],
                directory: folder,
                outputPath: output,
                errorPath: output
            )
        )
        guard case .exited(let code) = status else { throw ScenarioFailure("cannot run curl: \(status)") }
        let codes = try FileText.read(output).split(separator: " ").compactMap { Int($0) }
        guard codes.count == 2 else { throw ScenarioFailure("cannot read the codes of curl: \(codes)") }
        return Answer(
            exitCode: code,
            status: codes[0],
            connectStatus: codes[1],
            body: try FileText.read(body),
            heads: try FileText.read(heads)
        )
    }
}
