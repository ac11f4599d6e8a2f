/// The files of variables that a configuration names, each read once for all instances.
final class EnvironmentFiles {
    /// Why a file gives no variables.
    enum Problem: Error {
        case unreadable(reason: String)
        case tooLarge
        case notText
        case line(EnvironmentFile.Problem)

        /// The whole message; `shown` names the file.
        func message(naming shown: String) -> String {
            switch self {
            case .unreadable(let reason):
                "cannot read \(shown): \(reason); make it readable or correct the path"
            case .tooLarge: "cannot use \(shown): it is larger than 64 KiB; name a smaller one"
            case .notText: "cannot use \(shown): it is not UTF-8; save it as UTF-8"
            case .line(let problem): "cannot understand line \(problem.line) of \(shown): \(problem.advice)"
            }
        }
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
            do throws(EnvironmentFile.Problem) {
                return .success(try EnvironmentFile.variables(of: text))
            } catch {
                return .failure(.line(error))
            }
        }
    }
}
