/// The files of variables that a configuration names, each read once for all instances.
final class EnvironmentFiles {
    /// Why a file gives no variables.
    enum Problem: Error {
        case unreadable(reason: String)
        case tooLarge
        case notText
        case lines(EnvironmentFile.Problems)

        /// The whole message; `shown` names the file.
        func message(naming shown: String) -> String {
            switch self {
            case .unreadable(let reason):
                "cannot read \(shown): \(reason); make it readable or correct the path"
            case .tooLarge: "cannot use \(shown): it is larger than 64 KiB; name a smaller one"
            case .notText: "cannot use \(shown): it is not UTF-8; save it as UTF-8"
            case .lines(let problems): Self.message(about: problems.list, of: shown)
            }
        }

        /// Lines that lack the same stand together; of each kind the first few are named.
        private static func message(about problems: [EnvironmentFile.Problem], of shown: String) -> String {
            var advices: [String] = []
            var lines: [String: [Int]] = [:]
            for problem in problems {
                if lines[problem.advice] == nil { advices.append(problem.advice) }
                lines[problem.advice, default: []].append(problem.line)
            }
            let parts = advices.enumerated().map { index, advice in
                let numbers = lines[advice] ?? []
                let named = numbers.prefix(namedLines).map { "\($0)" }
                let rest = numbers.count - named.count
                let list = (named + (rest > 0 ? ["\(rest) more"] : [])).joined(separator: ", ")
                let place = index == 0 ? " of \(shown)" : ""
                return "\(numbers.count == 1 ? "line" : "lines") \(list)\(place): \(advice)"
            }
            return "cannot understand " + parts.joined(separator: "; ")
        }

        /// Nobody repairs more lines at once than these of each kind.
        private static let namedLines = 16
    }

    /// As for every other file that a configuration names.
    private static let sizeLimit = 65_536

    private let surroundings: Surroundings
    private var known: [String: Result<[String: Secret], Problem>] = [:]

    init(surroundings: Surroundings) {
        self.surroundings = surroundings
    }

    func variables(at path: String) -> Result<[String: Secret], Problem> {
        if let result = known[path] { return result }
        let result = read(path)
        known[path] = result
        return result
    }

    private func read(_ path: String) -> Result<[String: Secret], Problem> {
        switch surroundings.file(path) {
        case .failure(let problem): return .failure(.unreadable(reason: problem.reason))
        case .success(let bytes):
            guard bytes.count <= Self.sizeLimit else { return .failure(.tooLarge) }
            guard let text = String(validating: bytes, as: UTF8.self) else { return .failure(.notText) }
            do throws(EnvironmentFile.Problems) {
                return .success(try EnvironmentFile.variables(of: text))
            } catch {
                return .failure(.lines(error))
            }
        }
    }
}
