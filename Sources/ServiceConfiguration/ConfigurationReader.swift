import YAML

/// Reads the text of a configuration file into a validated configuration.
package struct ConfigurationReader: Sendable {
    /// The whole outcome: diagnostics are complete, and without any there is a configuration.
    package enum Outcome: Sendable {
        case accepted(Configuration)
        case rejected([Diagnostic])
    }

    private let surroundings: Surroundings

    package init(surroundings: Surroundings) {
        self.surroundings = surroundings
    }

    /// Checks `bytes` completely; `file` is the name that diagnostics carry.
    ///
    /// Its folder is where relative paths start.
    package func read(_ bytes: [UInt8], file: String) -> Outcome {
        let document = Document(parsing: bytes)
        let log = DiagnosticLog(file: file)
        for error in document.errors { log.report(error.position, error.message) }
        guard let root = document.root else {
            if document.errors.isEmpty {
                log.report(Position(line: 1, column: 1), "cannot find any service in an empty file: add `services`")
            }
            return .rejected(log.diagnostics)
        }
        return read(root, source: SourceText(bytes), file: file, log: log)
    }

    /// Checks an already parsed text.
    func read(_ root: Node, source: SourceText, file: String, log: DiagnosticLog) -> Outcome {
        let templates = TemplateTable(source: source, log: log)
        let decoder = Decoder(
            file: file,
            surroundings: surroundings,
            templates: templates,
            log: log,
            certificates: CertificateFiles(surroundings: surroundings)
        )
        let configuration = decoder.configuration(from: root)
        let diagnostics = log.diagnostics
        return diagnostics.isEmpty ? .accepted(configuration) : .rejected(diagnostics)
    }
}
