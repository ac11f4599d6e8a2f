/// Which folders are watched, and which names in them matter.
///
/// Pure. A reading of the configuration notes each file before it reads it, and each folder before it lists it; what
/// the reading before has noted and this one has not is not watched any more when the next one begins.
struct WatchedFolders {
    /// What matters of a folder.
    struct Interest: Hashable {
        var names: Set<String> = []
        /// True when every name does, as in a folder of included files.
        var isListed = false

        /// The link that Kubernetes swaps when it updates a mounted ConfigMap or Secret, whose files are links through
        /// it.
        private static let swappedLink = "..data"

        func includes(_ name: String) -> Bool {
            isListed || names.contains(name) || name == Self.swappedLink
        }
    }

    private var last: [String: Interest] = [:]
    private var present: [String: Interest] = [:]

    /// Begins a reading.
    ///
    /// - Returns: The folders that nobody has noted for a whole reading.
    mutating func begin() -> [String] {
        let gone = last.keys.filter { present[$0] == nil }
        last = present
        present = [:]
        return gone
    }

    mutating func note(file: String) {
        let (folder, name) = Self.parts(of: file)
        present[folder, default: Interest()].names.insert(name)
    }

    mutating func note(folder: String) {
        present[folder, default: Interest()].isListed = true
    }

    /// True when something at this name concerns the configuration.
    func matters(_ name: String, in folder: String) -> Bool {
        present[folder]?.includes(name) == true || last[folder]?.includes(name) == true
    }

    static func parts(of path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let folder = path[..<slash]
        return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
    }
}
