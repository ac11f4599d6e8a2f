import Glibc
package import ServiceConfiguration
import Services

/// The real machine: the process's environment and files.
package enum Environment {
    /// A file that a configuration refers to may have at most this many bytes: the certificates of all authorities.
    ///
    /// For everything else the configuration floor has a lower limit.
    private static let referencedFileLimit = 1024 * 1024
    /// One byte more than the configuration floor accepts, so that it sees that a file is too large.
    private static let configurationFileLimit = 1024 * 1024 + 1

    package static var surroundings: Surroundings { surroundings(TLSContexts()) }

    /// The same, where `contexts` try out how TLS is to be spoken to upstreams, and keep what that needs.
    static func surroundings(_ contexts: TLSContexts) -> Surroundings {
        Surroundings(
            variable: variable,
            file: { content(of: $0, limit: referencedFileLimit, strict: true) },
            tlsProblem: { contexts.problem(with: $0) },
            groupNumber: UserAccount.groupNumber,
            userID: geteuid()
        )
    }

    package static func configurationFile(_ path: String) -> Result<[UInt8], Surroundings.FileProblem> {
        content(of: path, limit: configurationFileLimit, strict: false)
    }

    @Sendable
    package static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    /// Reads at most `limit` bytes; a longer file is a problem when `strict`, otherwise it is cut.
    ///
    /// A FIFO or a terminal is opened without waiting for its writer, and is refused: it could keep the daemon forever.
    private static func content(
        of path: String,
        limit: Int,
        strict: Bool
    ) -> Result<[UInt8], Surroundings.FileProblem> {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return .failure(.init(ErrorText.of(errno))) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return .failure(.init(ErrorText.of(errno))) }
        guard status.st_mode & S_IFMT == S_IFREG else { return .failure(.init("not a regular file")) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        while bytes.count <= limit {
            let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return .failure(.init(ErrorText.of(errno))) }
            guard count > 0 else { return .success(bytes) }
            bytes += chunk.prefix(count)
        }
        return strict ? .failure(.init("larger than \(limit) bytes")) : .success(Array(bytes.prefix(limit)))
    }
}
