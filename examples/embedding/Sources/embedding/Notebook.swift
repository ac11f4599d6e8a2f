import Glibc
import Supervision

/// A file that is open: it must be closed, and closing it is the only way to get the receipt.
struct Notebook: ~Copyable, Sendable {
    /// The proof that the file is closed.
    struct Closed: ~Copyable, Receipt {
        fileprivate init() {}
    }

    private let descriptor: Int32

    init() throws {
        descriptor = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Surprise(text: "cannot open a file in /tmp: errno \(errno)") }
    }

    consuming func close() -> Closed {
        _ = Glibc.close(descriptor)
        return Closed()
    }
}
