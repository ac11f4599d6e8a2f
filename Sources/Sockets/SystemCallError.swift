import Glibc

/// The errno of a system call that failed; see errno(3).
package struct SystemCallError: Error, Hashable, Sendable {
    package var errno: Int32

    package init(errno: Int32) {
        self.errno = errno
    }
}

extension SystemCallError {
    static let connectionAborted = SystemCallError(errno: ECONNABORTED)
}
