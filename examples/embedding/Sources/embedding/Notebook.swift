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
        descriptor = open("/dev/null", O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw Surprise(text: "cannot open /dev/null: errno \(errno)") }
    }

    consuming func close() -> Closed {
        _ = Glibc.close(descriptor)
        return Closed()
    }
}
