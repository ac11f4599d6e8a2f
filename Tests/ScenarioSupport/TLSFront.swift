/// A real haproxy that takes TLS for a server without it, with a certificate of its own for `localhost` and 127.0.0.1.
package final class TLSFront {
    package let port: UInt16
    /// Who trusts this file trusts the front.
    package let certificate: String
    private let program: ForegroundProgram

    package init(folder: String, to server: UInt16) throws {
        port = try Ports.reserve()
        certificate = folder + "/certificate.pem"
        let key = folder + "/key.pem"
        let status = try ChildProcess.run(
            Command(
                Command.program("openssl"),
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
                    "30",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    "-keyout", key, "-out", certificate,
                ]
            )
        )
        guard status == .exited(0) else { throw ScenarioFailure("cannot make a certificate: openssl \(status)") }
        try FileText.write(FileText.read(certificate) + FileText.read(key), to: folder + "/both.pem")
        try FileText.write(
            """
            global
              maxconn 200
            defaults
              mode tcp
              timeout connect 5s
              timeout client 1h
              timeout server 1h
            frontend tls
              bind 127.0.0.1:\(port) ssl crt \(folder)/both.pem
              default_backend plain
            backend plain
              server plain 127.0.0.1:\(server)

            """,
            to: folder + "/haproxy.cfg"
        )
        program = try ForegroundProgram("haproxy", ["-db", "-f", folder + "/haproxy.cfg"], port: port, folder: folder)
    }

    package func stop() {
        program.stop()
    }
}
