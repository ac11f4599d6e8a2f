import Processes

extension SpawnRequest {
    static let path = "PATH=/usr/local/bin:/usr/bin:/bin"

    /// A shell script whose output goes to `witness`.
    static func script(_ text: String, to witness: Witness) -> SpawnRequest {
        var request = SpawnRequest(program: "/bin/sh", arguments: ["sh", "-c", text], environment: [path])
        request.output = .lines(witness)
        return request
    }

    /// A Python program whose output goes to `witness`.
    static func python(_ text: String, to witness: Witness) -> SpawnRequest {
        var request = SpawnRequest(
            program: "/usr/bin/python3",
            arguments: ["python3", "-S", "-u", "-c", text],
            environment: [path]
        )
        request.output = .lines(witness)
        return request
    }
}

extension Warden {
    /// Runs a program to its end.
    func run(_ request: SpawnRequest) async throws(SpawnError) -> Processes.ExitStatus {
        try await spawn(request) { _ in }.wait().status
    }
}
