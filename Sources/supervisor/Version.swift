/// The version of the command; the Debian package carries the same.
enum Version {
    static let text = "0.1.0"
}
