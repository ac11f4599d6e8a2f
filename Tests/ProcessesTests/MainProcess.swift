import CWarden
import Glibc

/// The rig as a main process that runs one program and can be killed.
struct MainProcess {
    let pid: Int32
    private let output: UnsafeMutablePointer<FILE>

    static func start(_ command: [String]) throws -> MainProcess {
        var ends: [Int32] = [-1, -1]
        let pipeError = cwarden_pipe(&ends)
        guard pipeError == 0 else { throw Failure(errno: pipeError) }
        defer { close(ends[1]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        var arguments: [UnsafeMutablePointer<CChar>?] = ([WardenRun.rig] + command).map { strdup($0) }
        defer { for argument in arguments { free(argument) } }
        arguments.append(nil)
        var pid: Int32 = 0
        let error = posix_spawn(&pid, WardenRun.rig, &actions, nil, arguments, environ)
        guard error == 0, let output = fdopen(ends[0], "r") else { throw Failure(errno: error) }
        return MainProcess(pid: pid, output: output)
    }

    /// The next line of output, empty at its end.
    func line() -> String {
        var line = ""
        while case let byte = getc(output), byte != EOF, byte != 10 {
            line.unicodeScalars.append(Unicode.Scalar(UInt8(truncatingIfNeeded: byte)))
        }
        return line
    }

    func kill() {
        Glibc.kill(pid, SIGKILL)
        while waitpid(pid, nil, 0) < 0, errno == EINTR {}
    }

    struct Failure: Error {
        var errno: Int32
    }
}
