import Glibc

/// The first bytes of a program, by which the kernel decides how to run it (execve(2)).
enum ProgramHead: Hashable {
    case binary
    /// A script, with the path of its interpreter.
    case script(interpreter: String)
    /// Neither: execve(2) says `Exec format error`.
    case unknown
    /// It may be run but not read.
    case unreadable

    /// The kernel looks no further.
    private static let limit = 256

    init(of path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            self = .unreadable
            return
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: Self.limit)
        let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        guard count >= 0 else {
            self = .unreadable
            return
        }
        self.init(bytes.prefix(count))
    }

    init(_ bytes: some Collection<UInt8>) {
        if bytes.starts(with: [0x7f] + Array("ELF".utf8)) {
            self = .binary
            return
        }
        guard bytes.starts(with: "#!".utf8) else {
            self = .unknown
            return
        }
        let blanks = Array(" \t".utf8)
        let line = bytes.dropFirst(2).prefix { $0 != UInt8(ascii: "\n") && $0 != 0 }.drop { blanks.contains($0) }
        let name = line.prefix { !blanks.contains($0) }
        self = name.isEmpty ? .unknown : .script(interpreter: String(decoding: name, as: UTF8.self))
    }
}
