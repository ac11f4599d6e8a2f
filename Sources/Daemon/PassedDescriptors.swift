import Glibc
import Sockets

/// The descriptors with which the process was started: sd_listen_fds(3).
enum PassedDescriptors {
    /// The first one; those before are the standard streams.
    private static let first: Int32 = 3
    /// What the number in the variable may be; a wrong one must not become a long walk over closed descriptors.
    private static let limit: Int32 = 65_536

    /// Takes them over, so that no program that the daemon starts gets them.
    ///
    /// To be called before there is another thread: it changes the environment.
    static func take(variable: (String) -> String?) -> [InheritedSocket] {
        let sockets = passed(variable, process: getpid(), parent: getppid())
        for socket in sockets { _ = fcntl(socket.descriptor, F_SETFD, FD_CLOEXEC) }
        for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", Successor.variable] { unsetenv(name) }
        return sockets
    }

    static func close(_ sockets: [InheritedSocket]) {
        for socket in sockets { _ = Glibc.close(socket.descriptor) }
    }

    /// What the variables say; empty when they are meant for another process or make no sense.
    ///
    /// A daemon that starts the one that takes its place cannot know the process id of that one, so it names itself.
    static func passed(_ variable: (String) -> String?, process: Int32, parent: Int32) -> [InheritedSocket] {
        guard variable("LISTEN_PID") == "\(process)" || variable(Successor.variable) == "\(parent)" else { return [] }
        guard let count = variable("LISTEN_FDS").flatMap({ Int32($0) }), (1...limit).contains(count) else { return [] }
        let names = (variable("LISTEN_FDNAMES") ?? "").split(separator: ":", omittingEmptySubsequences: false)
        return (0..<count).map { index in
            let name = names.indices.contains(Int(index)) ? String(names[Int(index)]) : "unknown"
            return InheritedSocket(descriptor: first + index, name: name)
        }
    }
}
