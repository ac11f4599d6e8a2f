import ServiceConfiguration
import Testing

/// The files of a test: a main file `etc/services.yaml` and whatever it may include.
struct FileTable {
    /// Texts by path; a path below `etc/` is relative in the main file without it.
    var texts: [String: String]
    /// Why a path cannot be read.
    var problems: [String: String] = [:]
    /// Folders without files, and folders that cannot be read.
    var folders: [String: String?] = [:]
    /// Paths that lead to another.
    var links: [String: String] = [:]

    init(_ main: String, _ included: [String: String] = [:]) {
        texts = included
        texts["etc/services.yaml"] = main
    }

    var surroundings: Surroundings {
        let table = self
        var surroundings = Reading.surroundings
        surroundings.source = { table.source($0) }
        surroundings.names = { table.names($0) }
        return surroundings
    }

    var reading: ConfigurationReader.Reading {
        ConfigurationReader(surroundings: surroundings).read("etc/services.yaml")
    }

    /// The diagnostics as they are printed.
    var diagnostics: [String] {
        guard case .rejected(let list) = reading.outcome else { return [] }
        return list.map(\.description)
    }

    func configuration() throws -> Configuration {
        guard case .accepted(let configuration) = reading.outcome else {
            Issue.record("rejected: \(diagnostics)")
            throw Reading.Rejected()
        }
        return configuration
    }

    private func source(_ path: String) -> Result<Source, Surroundings.FileProblem> {
        let target = links[path] ?? path
        if let problem = problems[target] { return .failure(.init(problem)) }
        guard let text = texts[target] else { return .failure(.init("no such file or directory")) }
        let inode = target.utf8.reduce(0) { UInt64($1) &+ $0 &* 257 }
        let identity = Source.Identity(device: 1, inode: inode)
        return .success(Source(file: path, bytes: Array(text.utf8), identity: identity))
    }

    private func names(_ folder: String) -> Result<[String]?, Surroundings.FileProblem> {
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        let name = String(prefix.dropLast())
        if let problem = folders[name] ?? nil { return .failure(.init(problem)) }
        let paths = Array(texts.keys) + Array(problems.keys) + Array(links.keys)
        let below = paths.filter { $0.hasPrefix(prefix) }.map { $0.dropFirst(prefix.count).prefix { $0 != "/" } }
        guard !below.isEmpty || folders.keys.contains(name) else { return .success(nil) }
        return .success(Set(below).map { String($0) }.shuffled())
    }
}
