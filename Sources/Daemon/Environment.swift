import ControlPlane
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
    /// A folder of configuration files has a few hundred names; a spool has millions.
    private static let folderLimit = 65_536

    package static var surroundings: Surroundings { surroundings(TLSContexts()) }

    /// The same, where `contexts` try out how TLS is to be spoken to upstreams, and keep what that needs.
    static func surroundings(_ contexts: TLSContexts) -> Surroundings {
        Surroundings(
            variable: variable,
            file: referencedFile,
            source: source,
            names: names,
            tlsProblem: { contexts.problem(with: $0) },
            groupNumber: UserAccount.groupNumber,
            userID: geteuid()
        )
    }

    @Sendable
    private static func source(_ path: String) -> Result<Source, Surroundings.FileProblem> {
        opened(path) { descriptor, status in
            let identity = Source.Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
            return content(of: descriptor, limit: configurationFileLimit)
                .map { Source(file: path, bytes: $0, identity: identity) }
        }
    }

    /// The names in a folder; nil when there is none at this path.
    @Sendable
    private static func names(_ path: String) -> Result<[String]?, Surroundings.FileProblem> {
        guard let folder = opendir(path) else {
            return errno == ENOENT || errno == ENOTDIR ? .success(nil) : .failure(.init(ErrorText.of(errno)))
        }
        defer { closedir(folder) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(folder) else {
                return errno == 0 ? .success(names) : .failure(.init(ErrorText.of(errno)))
            }
            // In its place, not as a copy: the name may stand at the end of what readdir has allocated.
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name != ".", name != ".." else { continue }
            guard names.count < folderLimit else { return .failure(.init("more than \(folderLimit) names")) }
            names.append(name)
        }
    }

    @Sendable
    package static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    /// All variables, as `NAME=value`.
    static var all: [String] {
        var entries: [String] = []
        var next = environ
        while let entry = next.pointee {
            entries.append(String(cString: entry))
            next += 1
        }
        return entries
    }

    /// The path of the running program; after an upgrade another program may be there.
    static func executable() -> String? {
        var path = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = path.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { readlink("/proc/self/exe", $0, bytes.count) } ?? -1
        }
        return count > 0 ? String(decoding: path.prefix(count), as: UTF8.self) : nil
    }

    /// Makes the folder of the default control socket, and says why that cannot be used; nil: it can.
    static func socketFolderProblem() -> String? {
        do throws(ControlSocketFolder.Problem) {
            try ControlSocketFolder.prepare(ControlSocketPath(variable: variable, userID: geteuid()))
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Sendable
    private static func referencedFile(_ path: String) -> Result<[UInt8], Surroundings.FileProblem> {
        opened(path) { descriptor, _ in
            content(of: descriptor, limit: referencedFileLimit + 1).flatMap { bytes in
                bytes.count <= referencedFileLimit
                    ? .success(bytes) : .failure(.init("larger than \(referencedFileLimit) bytes"))
            }
        }
    }

    /// Opens a file for `read`.
    ///
    /// A FIFO or a terminal is opened without waiting for its writer, and is refused: it could keep the daemon forever.
    private static func opened<Content>(
        _ path: String,
        read: (Int32, stat) -> Result<Content, Surroundings.FileProblem>
    ) -> Result<Content, Surroundings.FileProblem> {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return .failure(.init(ErrorText.of(errno))) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return .failure(.init(ErrorText.of(errno))) }
        guard status.st_mode & S_IFMT == S_IFREG else { return .failure(.init("not a regular file")) }
        return read(descriptor, status)
    }

    /// The first `limit` bytes, or all when there are fewer.
    private static func content(of descriptor: Int32, limit: Int) -> Result<[UInt8], Surroundings.FileProblem> {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        while bytes.count < limit {
            let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return .failure(.init(ErrorText.of(errno))) }
            guard count > 0 else { break }
            bytes += chunk.prefix(count)
        }
        return .success(Array(bytes.prefix(limit)))
    }
}
