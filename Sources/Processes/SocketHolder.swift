import Glibc

/// Finds the process that has a socket open, through the links of `/proc/PID/fd` (proc(5)).
package enum SocketHolder {
    /// The first process, by pid, that holds the socket `inode`; nil when none is visible to this user.
    package static func process(holding inode: UInt64) -> ProcessIdentity? {
        let link = "socket:[\(inode)]"
        for pid in names(in: "/proc").compactMap({ Int32($0) }).sorted() {
            let folder = "/proc/\(pid)/fd"
            guard names(in: folder).contains(where: { target(of: "\(folder)/\($0)") == link }) else { continue }
            return ProcessIdentity(pid: pid, command: command(of: pid))
        }
        return nil
    }

    /// The names in a folder; none when it cannot be read, as another user's `/proc/PID/fd`.
    private static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    private static func target(of link: String) -> String {
        var buffer = [CChar](repeating: 0, count: 64)
        let length = readlink(link, &buffer, buffer.count)
        guard length > 0 else { return "" }
        return String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func command(of pid: Int32) -> String {
        let descriptor = open("/proc/\(pid)/comm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "unknown" }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 64)
        let length = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        let name = buffer.prefix(max(0, length)).filter { (0x20..<0x7f).contains($0) }
        return name.isEmpty ? "unknown" : String(decoding: name, as: UTF8.self)
    }
}
