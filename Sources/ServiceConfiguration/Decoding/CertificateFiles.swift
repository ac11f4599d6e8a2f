/// The files of certificates and keys that a configuration names, each read once for all upstreams.
final class CertificateFiles {
    /// All authorities of the world are a quarter of it.
    private static let sizeLimit = 1_048_576

    let surroundings: Surroundings
    private var known: [String: Result<[UInt8], Surroundings.FileProblem>] = [:]

    init(surroundings: Surroundings) {
        self.surroundings = surroundings
    }

    func content(at path: String) -> Result<[UInt8], Surroundings.FileProblem> {
        if let result = known[path] { return result }
        let result = surroundings.file(path).flatMap { bytes in
            bytes.count <= Self.sizeLimit ? .success(bytes) : .failure(.init("larger than 1 MiB"))
        }
        known[path] = result
        return result
    }
}
