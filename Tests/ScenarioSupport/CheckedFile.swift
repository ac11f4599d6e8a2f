/// A file that `supervisor check` has judged.
package struct CheckedFile: Sendable {
    package let status: ExitStatus
    /// Everything that the command wrote.
    package let output: String
    package let duration: Duration

    /// The lines of the file that the diagnostics name.
    package var lines: Set<Int> {
        var found: Set<Int> = []
        for line in output.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false)
            if parts.count == 4, parts[0].hasSuffix(".yaml"), let number = Int(parts[1]), Int(parts[2]) != nil {
                found.insert(number)
            }
        }
        return found
    }

    /// What the examples read from the environment.
    private static let environment = [
        "PATH": "/usr/bin:/bin", "SWIFT_BACKTRACE": "enable=no", "PROXY_USER": Canary.user,
        "PROXY_PASSWORD": Canary.password,
        "BRIDGE_PASSWORD": Canary.password,
    ]

    /// Runs `supervisor check -c services.yaml` on a text.
    package static func check(_ text: String, in folder: String) throws -> CheckedFile {
        let (file, output) = (folder + "/services.yaml", folder + "/check.out")
        try FileText.write(text, to: file)
        try FileText.write("", to: output)
        let begin = ContinuousClock.now
        let status = try ChildProcess.run(
            Command(
                DaemonProcess.binary(),
                ["check", "-c", "services.yaml"],
                environment: environment,
                directory: folder,
                outputPath: output,
                errorPath: output
            ),
            within: .seconds(10)
        )
        return CheckedFile(
            status: status,
            output: try FileText.read(output),
            duration: begin.duration(to: .now)
        )
    }
}
