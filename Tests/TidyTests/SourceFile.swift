import Foundation

/// One text file of the project, by its path from the root.
struct SourceFile: Sendable {
    var path: String
    var text: String

    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
    var isSwift: Bool { path.hasSuffix(".swift") }
    /// The file name without its extension.
    var stem: String { URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent }
}

/// The project's files, found from the place of this file.
enum SourceTree {
    static let root: URL = {
        var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<3 { folder.deleteLastPathComponent() }
        return folder
    }()

    /// Every text file that is not made by a build or by version control.
    static let files: [SourceFile] = {
        let resolved = root.path + "/"
        guard let walk = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil) else { return [] }
        var files: [SourceFile] = []
        for case let url as URL in walk {
            let path = String(url.path.dropFirst(resolved.count))
            if path == ".git" || path.hasPrefix(".build") || path == "Package.resolved" {
                walk.skipDescendants()
            } else if let bytes = FileManager.default.contents(atPath: url.path),
                let text = String(bytes: bytes, encoding: .utf8), !url.hasDirectoryPath
            {
                files.append(SourceFile(path: path, text: text))
            }
        }
        return files.sorted { $0.path < $1.path }
    }()

    static let sources = files.filter { $0.isSwift && $0.path.hasPrefix("Sources/") }
    static let tests = files.filter { $0.isSwift && $0.path.hasPrefix("Tests/") }

    static func text(_ path: String) -> String { files.first { $0.path == path }?.text ?? "" }
}
