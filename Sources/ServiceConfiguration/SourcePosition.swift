/// A place in a configuration file.
package struct SourcePosition: Hashable, Sendable {
    /// The file as the user named it.
    package var file: String
    /// Counted from 1.
    package var line: Int
    /// Counted from 1, in code points.
    package var column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// What a path means that is written here: a relative one starts at the folder of the file.
    package func resolved(_ path: String) -> String {
        guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
        return file[...slash] + path
    }
}

extension SourcePosition: CustomStringConvertible {
    /// As in `services.yaml:14:13`.
    package var description: String { "\(file):\(line):\(column)" }
}
