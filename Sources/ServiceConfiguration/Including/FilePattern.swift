/// A path whose parts may have wildcards, as in `conf.d/*.yaml`.
struct FilePattern {
    /// Why a text names no files.
    struct Problem: Error {
        /// A whole message.
        var message: String
    }

    /// What stands before the first part with a wildcard: with a slash at its end, or empty.
    let folder: String
    /// The parts from the first with a wildcard on; empty for the path of one file.
    let parts: [NamePattern]

    init(parsing text: String) throws(Problem) {
        guard !text.isEmpty else {
            throw Problem(message: "cannot include a file without a path: write the path, or remove the key")
        }
        let shown = Wording.quotedPath(text)
        guard !Self.hasControl(text) else {
            throw Problem(message: "cannot include \(shown): it has a control character; correct the path")
        }
        guard !text.contains("${") else {
            throw Problem(message: "cannot include \(shown): there are no expressions here; write the path itself")
        }
        let all = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = all.firstIndex(where: NamePattern.hasWildcard) else {
            folder = ""
            parts = []
            return
        }
        folder = all[..<first].map { $0 + "/" }.joined()
        var parts: [NamePattern] = []
        for part in all[first...] where !part.isEmpty {
            do throws(NamePattern.Problem) {
                parts.append(try NamePattern(parsing: part))
            } catch {
                throw Problem(message: "cannot use the pattern \(shown): \(error.advice)")
            }
        }
        self.parts = parts
    }

    /// True for a name that must not reach a terminal or a log.
    static func hasControl(_ name: String) -> Bool {
        name.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}
