import Glibc
import Processes

/// What a user may do with files: the question that the kernel answers at execve(2), asked beforehand.
///
/// For another user the mode bits decide, also those of the folders above; access control lists are not looked at.
struct FileAccess {
    enum Problem: Hashable {
        case missing
        case wrongKind
        case forbidden
        /// The user may not enter a folder above.
        case closed(folder: String)
        /// An errno, as for a loop of links.
        case unreadable(Int32)
    }

    /// Nil: the supervisor's own user.
    let user: ProcessUser?

    /// What is in the way of running the file; nil: nothing.
    func problem(withProgram path: String) -> Problem? {
        problem(with: path, kind: S_IFREG)
    }

    /// What is in the way of working in the folder; nil: nothing.
    func problem(withDirectory path: String) -> Problem? {
        problem(with: path, kind: S_IFDIR)
    }

    private func problem(with path: String, kind: mode_t) -> Problem? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            switch errno {
            case ENOENT, ENOTDIR: return .missing
            case EACCES: return .forbidden
            case let code: return .unreadable(code)
            }
        }
        guard status.st_mode & S_IFMT == kind else { return .wrongKind }
        if let folder = closedFolder(above: path) { return .closed(folder: folder) }
        return mayExecute(path, status) ? nil : .forbidden
    }

    /// The first folder on the way to the file that another user may not enter.
    private func closedFolder(above path: String) -> String? {
        // Of the supervisor's own user stat(2) has asked already.
        guard user != nil else { return nil }
        var paths = [path]
        if let real = realpath(path, nil) {
            // A link leads through the folders of its target too.
            paths.append(String(cString: real))
            free(real)
        }
        for path in paths {
            for end in path.indices where path[end] == "/" {
                let folder = end == path.startIndex ? "/" : String(path[..<end])
                var status = stat()
                guard stat(folder, &status) == 0, mayExecute(folder, status) else { return folder }
            }
        }
        return nil
    }

    private func mayExecute(_ path: String, _ status: stat) -> Bool {
        guard let user else { return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0 }
        // Root may enter every folder, and run what anybody may run.
        if user.user == 0 { return status.st_mode & S_IFMT == S_IFDIR || status.st_mode & 0o111 != 0 }
        if status.st_uid == user.user { return status.st_mode & S_IXUSR != 0 }
        if status.st_gid == user.group || user.supplementaryGroups.contains(status.st_gid) {
            return status.st_mode & S_IXGRP != 0
        }
        return status.st_mode & S_IXOTH != 0
    }
}
