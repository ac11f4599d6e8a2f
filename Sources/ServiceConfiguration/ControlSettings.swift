/// Where the daemon takes commands: the key `control`.
package struct ControlSettings: Hashable, Sendable {
    /// The path that the file gives; nil: the default of `ControlSocketPath`.
    package var socket: Located<String>?
    /// The number of the group whose members may connect; nil: nobody but root and the daemon's own user.
    package var group: Located<UInt32>?

    package init() {}
}
