/// Limits on the resources of a process (setrlimit(2)): the key `limits`; nil: the supervisor's own.
package struct LimitSettings: Hashable, Sendable {
    /// The address space in bytes.
    package var memory: Int?
    /// The size of a core dump in bytes.
    package var core: Int?
    package var openFiles: Int?
    /// Processes of the user.
    package var processes: Int?
    /// Processor time, in whole seconds.
    package var cpuTime: Duration?

    package init() {}
}
