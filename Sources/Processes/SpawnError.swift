/// Why a program could not be started.
package struct SpawnError: Error, Hashable, Sendable {
    /// What failed: `run`, `change to the directory`, `become the user`, ...
    package var step: String
    package var program: String
    package var errno: Int32

    package init(step: String, program: String, errno: Int32) {
        self.step = step
        self.program = program
        self.errno = errno
    }
}
