import Glibc
import ScenarioSupport

/// One run of the built command: what it wrote, and how it ended.
struct CommandRun {
    let output: String
    let error: String
    let status: ExitStatus

    /// Runs `supervisor` beside the test bundle to its end.
    init(_ arguments: [String], environment: [String: String] = [:], in folder: SocketFolder) throws {
        let process = try Self.start(arguments, environment: environment, in: folder)
        status = try process.waitForExit(within: .seconds(20))
        output = Self.output(in: folder)
        error = FileText.readIfPresent(folder.path + "/error") ?? ""
        unlink(folder.path + "/output")
        unlink(folder.path + "/error")
    }

    /// Starts it with its output in a file.
    static func start(
        _ arguments: [String],
        environment: [String: String] = [:],
        in folder: SocketFolder
    ) throws -> ChildProcess {
        var buffer = [CChar](repeating: 0, count: 4_096)
        let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let path = String(decoding: buffer.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let products = path.split(separator: "/").dropLast().map { "/\($0)" }.joined()
        return try ChildProcess(
            Command(
                products + "/supervisor",
                arguments,
                environment: ["TMPDIR": folder.path, "LANG": "C.UTF-8", "SWIFT_BACKTRACE": "enable=no"]
                    .merging(environment) { $1 },
                directory: folder.path,
                outputPath: folder.path + "/output",
                errorPath: folder.path + "/error"
            )
        )
    }

    static func output(in folder: SocketFolder) -> String {
        FileText.readIfPresent(folder.path + "/output") ?? ""
    }
}
