/// What a configuration may read besides its own text; the daemon passes the real machine, a test a table.
package struct Surroundings: Sendable {
    /// The value of an environment variable, nil when unset.
    package var variable: @Sendable (String) -> String?
    /// The content of a file, or the reason why it cannot be read, as in `permission denied`.
    package var file: @Sendable (String) -> Result<[UInt8], FileProblem>
    /// A file of the configuration itself; of one over 1 MiB at least a byte more than that.
    package var source: @Sendable (String) -> Result<Source, FileProblem>
    /// The names in a folder in any order, without `.` and `..`; nil when there is no such folder.
    package var names: @Sendable (String) -> Result<[String]?, FileProblem>
    /// What makes TLS settings unusable, as only who speaks TLS can tell; nil: nothing does.
    package var tlsProblem: @Sendable (UpstreamTLS) -> UpstreamTLS.Problem?
    /// The number of a group of the system, nil when there is none of this name.
    package var groupNumber: @Sendable (String) -> UInt32?
    /// The user that the daemon runs as.
    package var userID: UInt32

    /// Why a file cannot be read.
    package struct FileProblem: Error, Hashable, Sendable {
        package var reason: String

        package init(_ reason: String) {
            self.reason = reason
        }
    }

    package init(
        variable: @escaping @Sendable (String) -> String?,
        file: @escaping @Sendable (String) -> Result<[UInt8], FileProblem>,
        source: @escaping @Sendable (String) -> Result<Source, FileProblem>,
        names: @escaping @Sendable (String) -> Result<[String]?, FileProblem>,
        tlsProblem: @escaping @Sendable (UpstreamTLS) -> UpstreamTLS.Problem? = { _ in nil },
        groupNumber: @escaping @Sendable (String) -> UInt32? = { _ in nil },
        userID: UInt32 = 0
    ) {
        self.groupNumber = groupNumber
        self.userID = userID
        self.variable = variable
        self.file = file
        self.source = source
        self.names = names
        self.tlsProblem = tlsProblem
    }
}
