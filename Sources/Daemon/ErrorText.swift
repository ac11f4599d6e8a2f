import Glibc

/// The text of an errno, in the words of an error message: no capital at its start.
enum ErrorText {
    static func of(_ number: Int32) -> String {
        let text = String(cString: strerror(number))
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}
