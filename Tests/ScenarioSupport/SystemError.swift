import Glibc

/// The text of an errno.
package enum SystemError {
    package static func text(_ code: Int32) -> String {
        String(cString: strerror(code))
    }
}
