import YAML

/// Reads the files that a configuration includes, each once, in the order of `include` and of their names.
///
/// What cannot be read is reported, and the log is told that names may be missing.
struct IncludedFiles {
    /// One for each service of a large machine; more are better made into fewer by whoever makes them.
    private static let fileLimit = 1000
    /// Ten times the text of 10,000 services; bounds what is held in memory.
    private static let byteLimit = 8 << 20

    private let surroundings: Surroundings
    private let log: DiagnosticLog
    /// The file that includes, then those that it includes; the index is the number in positions.
    private(set) var sources: [Source]
    private var paths: Set<String>
    private var identities: Set<Source.Identity>
    private var byteCount: Int
    /// True when a limit was reported.
    private var isFull = false

    /// `log` knows the file that includes, and is told of the others.
    init(of main: Source, surroundings: Surroundings, log: DiagnosticLog) {
        self.surroundings = surroundings
        self.log = log
        sources = [main]
        paths = [main.file]
        identities = main.identity.map { [$0] } ?? []
        byteCount = main.bytes.count
    }

    /// Reads what `nodes` name, the values of `include`.
    mutating func read(_ nodes: [Node]) {
        for node in nodes where !isFull {
            guard case .scalar(let text, let quoted) = node.content, !Scalars.isNull(text, quoted: quoted) else {
                log.isComplete = false
                continue
            }
            do throws(FilePattern.Problem) {
                let pattern = try FilePattern(parsing: text)
                if pattern.parts.isEmpty {
                    readFile(text, at: node.position)
                } else {
                    readMatches(of: pattern, named: text, at: node.position)
                }
            } catch {
                miss(node.position, error.message)
            }
        }
    }

    private mutating func readFile(_ text: String, at position: Position) {
        let path = log.source(position).resolved(text)
        guard !paths.contains(path) else { return }
        switch surroundings.source(path) {
        case .success(let source): add(source, at: position)
        case .failure(let problem):
            paths.insert(path)
            let advice = "name a file that can be read, or a pattern such as `conf.d/*.yaml`"
            miss(position, "cannot include \(Wording.quotedPath(text)): \(problem.reason); \(advice)")
        }
    }

    private mutating func readMatches(of pattern: FilePattern, named text: String, at position: Position) {
        guard let matches = matches(of: pattern, named: text, at: position) else { return }
        for path in matches where !isFull && !paths.contains(path) {
            switch surroundings.source(path) {
            case .success(let source): add(source, at: position)
            case .failure(let problem):
                // Not at the pattern, where there is place for one message only.
                add(Source(file: path, bytes: []), at: position)
                guard !isFull else { return }
                miss(
                    Position(source: sources.count - 1, line: 1, column: 1),
                    "cannot include this file: \(problem.reason); make it a file that can be read, or remove it"
                )
            }
        }
    }

    /// The paths that a pattern matches, in the order of their bytes; nil when a folder was reported.
    private func matches(of pattern: FilePattern, named text: String, at position: Position) -> [String]? {
        var paths = [log.source(position).resolved(pattern.folder)]
        let shown = Wording.quotedPath(text)
        for (depth, part) in pattern.parts.enumerated() {
            let isLast = depth == pattern.parts.count - 1
            var found: [String] = []
            for path in paths {
                let folder = path.isEmpty ? "." : path
                switch surroundings.names(folder) {
                case .success(let names?):
                    found += names.filter(part.matches).map { path + $0 + (isLast ? "" : "/") }
                // A folder that no wildcard has found is a typing error, or has yet to be made.
                case .success(nil) where depth == 0:
                    let reason = "there is no folder \(Wording.quotedPath(folder))"
                    miss(position, "cannot include \(shown): \(reason); make it, or correct the path")
                    return nil
                case .success(nil): break
                case .failure(let problem):
                    let reason = "cannot look into \(Wording.quotedPath(folder)) for \(shown): \(problem.reason)"
                    miss(position, "\(reason); make the folder readable, or correct the path")
                    return nil
                }
                guard found.count <= Self.fileLimit else {
                    miss(position, Self.tooMany)
                    return nil
                }
            }
            paths = found
        }
        if paths.contains(where: FilePattern.hasControl) {
            miss(position, "cannot include \(shown): a name there has a control character; rename that file")
            return nil
        }
        return paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private mutating func add(_ source: Source, at position: Position) {
        paths.insert(source.file)
        if let identity = source.identity, !identities.insert(identity).inserted { return }
        guard sources.count <= Self.fileLimit else { return fill(position, Self.tooMany) }
        byteCount += source.bytes.count
        guard byteCount <= Self.byteLimit else {
            let limit = "cannot read more than \(Self.byteLimit) bytes (8 MiB) in all files"
            return fill(position, "\(limit): make them smaller, or include fewer")
        }
        sources.append(source)
        log.add(file: source.file)
    }

    private mutating func fill(_ position: Position, _ message: String) {
        isFull = true
        miss(position, message)
    }

    private func miss(_ position: Position, _ message: String) {
        log.isComplete = false
        log.report(position, message)
    }

    private static let tooMany = "cannot include more than \(fileLimit) files: include fewer, or put more into one"
}
