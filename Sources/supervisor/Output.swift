import ArgumentParser
import Glibc

/// Where a verb writes: data to the standard output, everything else to the standard error.
enum Output {
    static func write(lines: [String]) throws {
        try write(lines.map { $0 + "\n" }.joined())
    }

    /// At once and completely: a reader of a pipe sees an event when it happens.
    static func write(_ text: String) throws {
        let error = write(text, to: STDOUT_FILENO)
        guard error != 0 else { return }
        say("cannot write the output: \(String(cString: strerror(error)).lowercased()); make room, then try again")
        throw ExitCode(69)
    }

    /// One line for a person; where it cannot be written nobody reads it.
    static func say(_ line: String) {
        _ = write(line + "\n", to: STDERR_FILENO)
    }

    /// - Returns: The errno of the call that failed; 0 when all was written.
    static func write(_ text: String, to descriptor: Int32) -> Int32 {
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count >= 0 {
                written += count
            } else if errno == EAGAIN {
                // Whoever shares the terminal made it non-blocking.
                var waited = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&waited, 1, -1)
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }
}
