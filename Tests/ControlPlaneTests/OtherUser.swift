import Glibc
import NIOPosix
import Testing

/// Asks a unix socket as another user: the tests themselves run as root.
enum OtherUser {
    /// Perl is part of every Debian, and what it runs as is what the kernel remembers of it.
    private static let program = """
        use Socket;
        $) = $ARGV[1]; $> = $ARGV[2];
        socket(S, PF_UNIX, SOCK_STREAM, 0) or die;
        connect(S, pack_sockaddr_un($ARGV[0])) or do { print "refused: $!"; exit };
        syswrite(S, "$ARGV[3] HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n");
        print while <S>;
        """

    /// - Parameters:
    ///   - request: Method and path.
    ///   - path: The socket.
    ///   - user: The number of the user.
    ///   - groups: The group, and then the supplementary groups.
    /// - Returns: What came back, or `refused: ...` when the kernel did not even connect.
    /// - Throws: When there is no perl.
    static func ask(_ request: String, at path: String, user: UInt32, groups: [UInt32]) async throws -> String {
        let groups = ([groups[0]] + groups).map(String.init).joined(separator: " ")
        return try await NIOThreadPool.singleton.runIfActive {
            try run(["/usr/bin/perl", "-e", program, path, groups, "\(user)", request])
        }
    }

    private static func run(_ command: [String]) throws -> String {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) }
        defer { for argument in arguments { free(argument) } }
        arguments.append(nil)
        var pid: pid_t = 0
        let code = posix_spawn(&pid, command[0], &actions, nil, arguments, environ)
        close(ends[1])
        try #require(code == 0, "cannot start perl")
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while case let count = read(ends[0], &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        return String(decoding: bytes, as: UTF8.self)
    }
}
