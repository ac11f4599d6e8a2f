import YAML

/// Reads a configuration file, and those that it includes, into a validated configuration.
package struct ConfigurationReader: Sendable {
    /// What became of a file: diagnostics are complete, and without any there is a configuration.
    package enum Outcome: Sendable {
        case accepted(Configuration)
        case rejected([Diagnostic])
    }

    /// The whole outcome, with what was read for it.
    package struct Reading: Sendable {
        package var outcome: Outcome
        /// The file itself, then those that it includes; empty when it could not be read.
        package var sources: [Source]
    }

    private let surroundings: Surroundings

    package init(surroundings: Surroundings) {
        self.surroundings = surroundings
    }

    /// Reads and checks the file of this path, as the user named it.
    package func read(_ file: String) -> Reading {
        switch surroundings.source(file) {
        case .success(let source): return read(source)
        case .failure(let problem):
            let start = SourcePosition(file: file, line: 1, column: 1)
            let diagnostic = Diagnostic(at: start, "cannot read the configuration: \(problem.reason)")
            return Reading(outcome: .rejected([diagnostic]), sources: [])
        }
    }

    /// Checks `main` completely, with the files that it includes.
    package func read(_ main: Source) -> Reading {
        let log = DiagnosticLog(file: main.file)
        let document = Document(parsing: main.bytes)
        for error in document.errors { log.report(error.position, error.message) }
        guard let root = document.root else {
            if document.errors.isEmpty {
                log.report(Position(line: 1, column: 1), "cannot find any service in an empty file: add `services`")
            }
            return Reading(outcome: .rejected(log.diagnostics), sources: [main])
        }
        var files = IncludedFiles(of: main, surroundings: surroundings, log: log)
        let fields = Fields(root)
        files.read(fields.oneOrMany(Schema.include))
        // The key with a typing error.
        if fields[Schema.include] == nil, fields.mentions(Schema.include, in: Schema.root) { log.isComplete = false }
        let outcome = outcome(of: root, with: roots(of: files.sources, log: log), files.sources, log: log)
        return Reading(outcome: outcome, sources: files.sources)
    }

    /// The trees of the included files; one without any key includes nothing.
    private func roots(of sources: [Source], log: DiagnosticLog) -> [Node] {
        sources.indices.dropFirst().compactMap { number in
            let document = Document(parsing: sources[number].bytes, source: number)
            for error in document.errors { log.report(error.position, error.message) }
            if document.root == nil, !document.errors.isEmpty { log.isComplete = false }
            return document.root
        }
    }

    private func outcome(of root: Node, with included: [Node], _ sources: [Source], log: DiagnosticLog) -> Outcome {
        let templates = TemplateTable(sources: sources, log: log)
        let check = SchemaCheck(log: log, templates: templates)
        check.checkRoot(root)
        for part in included { check.checkIncluded(part, by: sources[0].file) }
        let decoder = Decoder(
            surroundings: surroundings,
            templates: templates,
            log: log,
            certificates: CertificateFiles(surroundings: surroundings)
        )
        let configuration = decoder.configuration(from: Merge(log: log).tree(of: root, with: included))
        let diagnostics = log.diagnostics
        return diagnostics.isEmpty ? .accepted(configuration) : .rejected(diagnostics)
    }
}
