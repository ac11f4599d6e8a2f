/// The exit codes of the command; where sysexits.h has a word for it, its number.
package enum ExitCode {
    package static let done: Int32 = 0
    /// A shutdown that had to cut something.
    package static let forced: Int32 = 1
    /// A bind or another acquisition failed (EX_UNAVAILABLE).
    package static let unavailable: Int32 = 69
    /// An essential service gave up and the root escalated (EX_SOFTWARE).
    package static let gaveUp: Int32 = 70
    /// The configuration is wrong (EX_CONFIG).
    package static let configuration: Int32 = 78
}
