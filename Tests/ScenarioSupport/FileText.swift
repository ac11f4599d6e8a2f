import Glibc

/// Reads and writes whole files, those of `/proc` included.
package enum FileText {
    /// Enough for every output of a scenario; a daemon that writes more in one scenario is broken.
    private static let maximumBytes = 64 * 1024 * 1024

    package static func read(_ path: String) throws -> String {
        String(decoding: try bytes(path), as: UTF8.self)
    }

    /// The contents of a file which may have gone, as processes and their descriptors do at any time.
    package static func readIfPresent(_ path: String) -> String? {
        do { return try read(path) } catch { return nil }
    }

    package static func bytes(_ path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ScenarioFailure("cannot read \(path): \(SystemError.text(errno))")
        }
        defer { close(descriptor) }
        var contents: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while contents.count < maximumBytes {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count >= 0 else {
                throw ScenarioFailure("cannot read \(path): \(SystemError.text(errno))")
            }
            guard count > 0 else { break }
            contents.append(contentsOf: buffer[..<count])
        }
        return contents
    }

    package static func write(_ text: String, to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw ScenarioFailure("cannot write \(path): \(SystemError.text(errno))")
        }
        defer { close(descriptor) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else {
                throw ScenarioFailure("cannot write \(path): \(SystemError.text(errno))")
            }
            rest = rest.dropFirst(count)
        }
    }

    /// The names in a folder, without `.` and `..`; none when the folder has gone.
    package static func names(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// What a symbolic link says, as those of `/proc/PID/fd` do.
    package static func target(ofLink path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes { bytes in
            guard let start = bytes.bindMemory(to: CChar.self).baseAddress else { return -1 }
            return readlink(path, start, bytes.count)
        }
        guard count >= 0 else { return nil }
        return String(decoding: buffer[..<count], as: UTF8.self)
    }

    /// Removes a folder with everything in it.
    package static func removeTree(_ path: String) {
        for name in names(in: path) {
            let child = path + "/" + name
            var status = stat()
            if lstat(child, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR {
                removeTree(child)
            } else {
                unlink(child)
            }
        }
        rmdir(path)
    }
}
