package import Glibc

/// Makes the kernel refuse to accept on a listening socket of another process, so that its service cannot go on.
///
/// A service inside the daemon has no process to kill. The socket is borrowed by pidfd_getfd(2) and shut down, after
/// which accept(2) fails with EINVAL until somebody listens on it again.
package enum BrokenListener {
    /// Breaks one socket; needs the right to trace the process.
    package static func shutDown(_ socket: ListeningSocket, of pid: pid_t, folder: String) throws {
        let program = """
            import ctypes, os, socket
            call = ctypes.CDLL(None, use_errno=True).syscall
            pidfd = call(434, \(pid), 0)
            for name in os.listdir("/proc/\(pid)/fd"):
                try: link = os.readlink("/proc/\(pid)/fd/" + name)
                except OSError: continue
                if link == "socket:[\(socket.inode)]":
                    borrowed = call(438, pidfd, int(name), 0)
                    assert borrowed >= 0, os.strerror(ctypes.get_errno())
                    socket.socket(fileno=borrowed).shutdown(socket.SHUT_RD)
                    raise SystemExit(0)
            raise SystemExit("no such socket")
            """
        let output = folder + "/broken-\(socket.inode)"
        let python = try Command(
            Command.program("python3"),
            ["-c", program],
            environment: ["PATH": "/usr/bin:/bin"],
            outputPath: output,
            errorPath: output
        )
        guard try ChildProcess.run(python) == .exited(0) else {
            throw ScenarioFailure("cannot break \(socket): \(FileText.readIfPresent(output) ?? "")")
        }
    }
}
